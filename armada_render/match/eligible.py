"""Which objects are never considered for a policy (pkg/detector/detector.go, EventFilter)."""

from armada_render.model.resource import ResourceTemplate

# pkg/util/apigroup.go: Karmada's own groups and events, whatever the version.
_SKIPPED_GROUPS = frozenset(
    {
        "apps.karmada.io",
        "autoscaling.karmada.io",
        "cluster.karmada.io",
        "config.karmada.io",
        "events.k8s.io",
        "networking.karmada.io",
        "policy.karmada.io",
        "remedy.karmada.io",
        "work.karmada.io",
    }
)
_RESERVED_NAMESPACES = ("karmada-system", "karmada-cluster")
_CLAIMED_BY = "resourcetemplate.karmada.io/claimed-by"


def why_ineligible(template: ResourceTemplate) -> str:
    """Say why no policy may take the template, "" when one may. Dependencies may always go."""
    ref = template.ref
    group = ref.api_version.partition("/")[0]
    if group in _SKIPPED_GROUPS:
        return f"Karmada never propagates what is of the API group {group}"
    if ref.api_version == "coordination.k8s.io/v1" or (ref.api_version, ref.kind) == (
        "v1",
        "Event",
    ):
        return f"Karmada never propagates {ref.api_version} {ref.kind}"
    namespace = ref.namespace
    if namespace in _RESERVED_NAMESPACES or namespace.startswith(("karmada-es-", "kube-")):
        return f"Karmada never propagates what is in the namespace {namespace}"
    owner = template.labels.get(_CLAIMED_BY)
    return f"its label {_CLAIMED_BY} says that a {owner} owns it" if owner else ""
