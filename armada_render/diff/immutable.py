"""Fields that an API server refuses to change. Pure.

(the ValidateXUpdate functions of pkg/apis/*/validation in kubernetes/kubernetes)
"""

from collections.abc import Iterator

from armada_render.diff.fields import FieldChange, Kind
from armada_render.model.resource import Manifest, ObjectReference

_Keys = tuple[str, ...]

# By API group and kind, so that a new version of a group is judged as the old one.
_REFUSED: dict[tuple[str, str], tuple[_Keys, ...]] = {
    ("", "Secret"): (("type",),),
    ("apps", "DaemonSet"): (("spec", "selector"),),
    ("apps", "Deployment"): (("spec", "selector"),),
    ("apps", "ReplicaSet"): (("spec", "selector"),),
    ("batch", "Job"): (
        ("spec", "selector"),
        ("spec", "template"),
        ("spec", "completionMode"),
        ("spec", "backoffLimitPerIndex"),
        ("spec", "podFailurePolicy"),
        ("spec", "successPolicy"),
        ("spec", "managedBy"),
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        ("spec", "group"),
        ("spec", "scope"),
        ("spec", "names", "kind"),
        ("spec", "names", "plural"),
    ),
    ("discovery.k8s.io", "EndpointSlice"): (("addressType",),),
    ("networking.k8s.io", "IngressClass"): (("spec", "controller"),),
    ("node.k8s.io", "RuntimeClass"): (("handler",),),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (("roleRef",),),
    ("rbac.authorization.k8s.io", "RoleBinding"): (("roleRef",),),
    ("scheduling.k8s.io", "PriorityClass"): (("value",), ("preemptionPolicy",)),
    ("storage.k8s.io", "StorageClass"): (
        ("provisioner",),
        ("parameters",),
        ("reclaimPolicy",),
        ("volumeBindingMode",),
    ),
}
# Kinds whose spec cannot be changed but for these.
_ACCEPTED: dict[tuple[str, str], tuple[_Keys, ...]] = {
    ("apps", "StatefulSet"): (
        ("replicas",),
        ("ordinals",),
        ("template",),
        ("updateStrategy",),
        ("revisionHistoryLimit",),
        ("persistentVolumeClaimRetentionPolicy",),
        ("minReadySeconds",),
    ),
    ("", "PersistentVolumeClaim"): (("resources", "requests"), ("volumeAttributesClassName",)),
    ("", "Pod"): (
        ("activeDeadlineSeconds",),
        ("terminationGracePeriodSeconds",),
        ("tolerations",),
        ("schedulingGates",),
        ("containers", "image"),
        ("initContainers", "image"),
    ),
}
_CONTENT = (("data",), ("binaryData",), ("stringData",), ("immutable",))


def refused(
    ref: ObjectReference, before: Manifest, fields: tuple[FieldChange, ...]
) -> Iterator[FieldChange]:
    """Yield those of `fields` that cannot be changed once the object is there."""
    kind = (ref.api_version.rpartition("/")[0], ref.kind)
    paths = _REFUSED.get(kind, ())
    if kind in (("", "ConfigMap"), ("", "Secret")) and before.get("immutable") is True:
        paths = (*paths, *_CONTENT)
    accepted = _ACCEPTED.get(kind)
    for field in fields:
        keys = tuple(step for step in field.path if isinstance(step, str))
        if any(keys[: len(path)] == path or path[: len(keys)] == keys for path in paths):
            yield field
        elif accepted is not None and keys[:1] == ("spec",):
            if not any(keys[1 : len(path) + 1] == path for path in accepted):
                yield field
        elif kind == ("", "Service") and _pins_address(keys, field):
            yield field
        elif kind == ("batch", "Job") and keys == ("spec", "completions"):
            yield from _completions(before, field)


def _pins_address(keys: _Keys, field: FieldChange) -> bool:
    """Tell whether a Service asks for another address; one that it leaves open stays as it is."""
    return keys[:2] in (("spec", "clusterIP"), ("spec", "clusterIPs")) and (
        field.kind is not Kind.REMOVED
    )


def _completions(before: Manifest, field: FieldChange) -> Iterator[FieldChange]:
    # An indexed Job may grow and shrink along with its parallelism.
    if before["spec"].get("completionMode") != "Indexed":
        yield field
