"""Find what a user means by `KIND/NAME`: a template or a policy."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from armada_render.errors import InputError, Problem
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering

POLICY_API = "policy.karmada.io/v1alpha1"

# What kubectl calls the kinds of Kubernetes and Karmada for short.
_SHORT = {
    "ClusterOverridePolicy": ("cop",),
    "ClusterPropagationPolicy": ("cpp",),
    "ConfigMap": ("cm",),
    "CronJob": ("cj",),
    "CustomResourceDefinition": ("crd", "crds"),
    "DaemonSet": ("ds",),
    "Deployment": ("deploy",),
    "Endpoints": ("ep",),
    "HorizontalPodAutoscaler": ("hpa",),
    "Ingress": ("ing",),
    "LimitRange": ("limits",),
    "Namespace": ("ns",),
    "NetworkPolicy": ("netpol",),
    "OverridePolicy": ("op",),
    "PersistentVolume": ("pv",),
    "PersistentVolumeClaim": ("pvc",),
    "Pod": ("po",),
    "PodDisruptionBudget": ("pdb",),
    "PriorityClass": ("pc",),
    "PropagationPolicy": ("pp",),
    "ReplicaSet": ("rs",),
    "ReplicationController": ("rc",),
    "ResourceQuota": ("quota",),
    "Service": ("svc",),
    "ServiceAccount": ("sa",),
    "StatefulSet": ("sts",),
    "StorageClass": ("sc",),
}


class Question(Struct, frozen=True, kw_only=True):
    """What was asked for; None and "" leave it open."""

    text: str
    kind: str
    name: str
    group: str = ""
    api_version: str = ""
    namespace: str | None = None

    def matches(self, ref: ObjectReference) -> bool:
        """Tell whether `ref` may be what is meant."""
        return (
            self.name == ref.name
            and self._is_kind(ref)
            and self.namespace in (None, ref.namespace)
            and self.api_version in ("", ref.api_version)
        )

    def _is_kind(self, ref: ObjectReference) -> bool:
        if self.group and self.group != _group(ref):
            return False
        return self.kind in _names(ref.kind)


def parse(text: str, namespace: str | None) -> Question:
    """Return what `text` asks for.

    `KIND/NAME` or `KIND.GROUP/NAME` as for kubectl, `KIND/NAMESPACE/NAME` for policies, and
    `APIVERSION/KIND/NAMESPACE/NAME`, as messages and reports write it. Raises `ValueError`.
    """
    parts = text.split("/")
    if not 2 <= len(parts) <= 5 or not parts[-1]:
        raise ValueError("must be KIND/NAME, such as deployment/web")
    kind, _, group = parts[-2 if len(parts) == 2 else -3].lower().partition(".")
    if not kind:
        raise ValueError("must begin with a kind, such as deployment/web")
    if len(parts) > 2:
        written = parts[-2]
        if namespace not in (None, written):
            raise ValueError(f"names the namespace {written}, and --namespace {namespace}")
        namespace = written
    return Question(
        text=text,
        kind=kind,
        name=parts[-1],
        group=group,
        api_version="/".join(parts[:-3]),
        namespace=namespace,
    )


def find(question: Question, fleet: Fleet, rendering: Rendering) -> ObjectReference:
    """Return the one object or policy that is meant; raise `InputError` for none or several."""
    known = [template.ref for template in fleet.templates] + _policies(fleet, rendering)
    found = [ref for ref in known if question.matches(ref)]
    if len(found) > 1:
        # A cluster-scoped object needs no namespace, and cannot be named by one.
        raise InputError(
            Problem(
                message=f"{question.text} may be any of {_listed(map(str, sorted(found)))}",
                hint=_several_hint(found),
            )
        )
    if not found:
        raise InputError(
            Problem(message=f"there is no {_asked(question)}", hint=_near_hint(question, known))
        )
    return found[0]


def is_policy(ref: ObjectReference) -> bool:
    """Tell whether `ref` names a policy of Karmada."""
    return ref.api_version == POLICY_API


def _policies(fleet: Fleet, rendering: Rendering) -> list[ObjectReference]:
    keys = {policy.key for policy in fleet.propagation_policies}
    keys.update(policy.key for policy in fleet.override_policies)
    keys.update(rendering.rejected)
    return [ObjectReference(POLICY_API, *key.split("/", 2)) for key in sorted(keys)]


def _asked(question: Question) -> str:
    where = f" in the namespace {question.namespace}" if question.namespace else ""
    return f"{question.text}{where}"


def _several_hint(found: Sequence[ObjectReference]) -> str:
    if len({ref.namespace for ref in found}) == len(found):
        return "say which with -n NAMESPACE"
    groups = sorted({_group(ref) for ref in found})
    if len(groups) == len(found):
        first = min(found)
        group = next(filter(None, groups))
        return f"say which with the API group, as in {first.kind.lower()}.{group}/{first.name}"
    return f"give one of these names in full, as in {min(found)}"


def _near_hint(question: Question, known: Sequence[ObjectReference]) -> str:
    elsewhere = sorted(
        ref for ref in known if question.name == ref.name and question.kind in _names(ref.kind)
    )
    if elsewhere:
        return f"there is {_listed(map(str, elsewhere[:5]))}"
    if question.kind == "cluster":
        return "objects and policies are explained; `armada-render clusters list` shows clusters"
    near = _near(question, known)
    if near:
        return f"did you mean {_listed(near, 'or')}?"
    return "names and namespaces are those of the files; `armada-render render -o table` lists them"


def _near(question: Question, known: Sequence[ObjectReference]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only for mistyped names

    asked = f"{question.kind}/{question.name}".lower()
    full = {f"{name}/{ref.name}".lower(): ref for ref in known for name in _names(ref.kind)}
    refs = (full[text] for text in get_close_matches(asked, full, n=8, cutoff=0.6))
    return list(dict.fromkeys(map(str, refs)))[:5]


def _group(ref: ObjectReference) -> str:
    group, slash, _ = ref.api_version.rpartition("/")
    return group if slash else ""


def _names(kind: str) -> tuple[str, ...]:
    """Return what users may call a kind: itself, its plural, and kubectl's short names."""
    name = kind.lower()
    return (name, _plural(name), *_SHORT.get(kind, ()))


def _plural(name: str) -> str:
    # k8s.io/apimachinery, meta.UnsafeGuessKindToResource
    if name.endswith("endpoints"):
        return name
    if name.endswith("y") and not name.endswith(("ay", "ey", "oy", "uy")):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def _listed(names: Iterable[str], word: str = "and") -> str:
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last
