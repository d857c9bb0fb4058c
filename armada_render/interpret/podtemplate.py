"""What one pod template asks of a node, and which objects its pods need.

Rules: pkg/util/helper/binding.go (GenerateReplicaRequirements), pkg/util/resource.go,
pkg/util/helper/pod.go, pkg/util/lifted/visitpod.go.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from armada_render.interpret.typed import Amounts, Container, PodSpec, PodTemplate, Text, decode
from armada_render.interpret.values import DependentObject, InterpretError
from armada_render.model import quantity
from armada_render.model.binding import NodeClaim, ReplicaRequirements
from armada_render.model.selector import qualified_name_error

_BINARY = ("memory", "ephemeral-storage")


def requirements(pod_template: Mapping[str, Any]) -> ReplicaRequirements | None:
    """Return what one replica needs, None when that is nothing; raise `InterpretError`."""
    return requirements_of(decode(pod_template, PodTemplate))


def requirements_of(template: PodTemplate | None) -> ReplicaRequirements | None:
    """Return what one replica of a decoded template needs."""
    pod = template.spec if template else None
    if pod is None:
        return None
    claim = _node_claim(pod)
    request = _resource_request(pod)
    if claim is None and not request:
        return None
    return ReplicaRequirements(node_claim=claim, resource_request=request)


def _node_claim(pod: PodSpec) -> NodeClaim | None:
    hard = None
    if pod.affinity is not None and pod.affinity.node_affinity is not None:
        hard = pod.affinity.node_affinity.required_during_scheduling_ignored_during_execution
    # An empty node selector is a claim as well: upstream asks whether the map is there.
    if pod.node_selector is None and hard is None and not pod.tolerations:
        return None
    selector = pod.node_selector
    return NodeClaim(
        hard_node_affinity=hard,
        node_selector=None if selector is None else {k: v or "" for k, v in selector.items()},
        tolerations=tuple(toleration or {} for toleration in pod.tolerations or ()),
    )


def _resource_request(pod: PodSpec) -> dict[str, str]:
    total: dict[str, int] = {}
    for name, amount in _requests(pod.containers, "containers"):
        total[name] = total.get(name, 0) + amount
    for name, amount in _requests(pod.init_containers, "initContainers"):
        # The largest init container, sidecars included (Resource.SetMaxResource).
        total[name] = max(total.get(name, 0), amount)
    for name, amount in _amounts(pod.overhead, "overhead"):
        total[name] = total.get(name, 0) + amount
    return {
        name: quantity.canonical(amount, binary=name in _BINARY or name.startswith("hugepages-"))
        for name, amount in sorted(total.items())
        if amount > 0
    }


def _requests(
    containers: Iterable[Container | None] | None, path: str
) -> Iterator[tuple[str, int]]:
    """Yield what each container requests; a limit without a request is one."""
    for index, container in enumerate(containers or ()):
        if container is None or container.resources is None:
            continue
        where = f"{path}[{index}].resources"
        resources = container.resources
        limits = dict(_amounts(resources.limits, f"{where}.limits"))
        requests = dict(_amounts(resources.requests, f"{where}.requests"))
        yield from (limits | requests).items()


def _amounts(amounts: Amounts, path: str) -> Iterator[tuple[str, int]]:
    """Yield the counted resources in nano-units, rounded up as upstream's counters are."""
    for name, amount in (amounts or {}).items():
        try:
            nano = 0 if amount is None else quantity.parse(amount)
        except ValueError as error:
            raise InterpretError(f"spec.{path}.{name}: {error}") from None
        if name == "cpu":
            yield name, quantity.milli_value(nano) * (quantity.NANO // 1000)
        elif name in ("memory", "ephemeral-storage", "pods") or _is_scalar(name):
            yield name, quantity.value(nano) * quantity.NANO


def _is_scalar(name: str) -> bool:
    """Tell whether a resource name counts (lifted/corev1helpers.go, IsScalarResourceName)."""
    if name.startswith(("hugepages-", "attachable-volumes-")) or "kubernetes.io/" in name:
        return True
    return (
        "/" in name
        and not name.startswith("requests.")
        and not qualified_name_error(f"requests.{name}")
    )


def dependencies(pod_template: Mapping[str, Any], namespace: str) -> tuple[DependentObject, ...]:
    """Return the objects in `namespace` that the pods refer to, sorted; raise `InterpretError`."""
    return dependencies_of(decode(pod_template, PodTemplate), namespace)


def dependencies_of(template: PodTemplate | None, namespace: str) -> tuple[DependentObject, ...]:
    """Return the objects in `namespace` that the pods of a decoded template refer to, sorted."""
    pod = template.spec if template else None
    if pod is None:
        return ()
    account = pod.service_account_name
    names = {
        "ConfigMap": set(_config_maps(pod)),
        "PersistentVolumeClaim": set(_claims(pod)),
        "Secret": set(_secrets(pod)),
        "ServiceAccount": set() if account == "default" else {account},
    }
    return tuple(
        DependentObject(api_version="v1", kind=kind, namespace=namespace, name=name)
        for kind, found in names.items()
        for name in sorted(name for name in found if name)
    )


def _containers(pod: PodSpec) -> Iterator[Container]:
    for containers in (pod.init_containers, pod.containers, pod.ephemeral_containers):
        yield from (container for container in containers or () if container)


def _config_maps(pod: PodSpec) -> Iterator[Text]:
    for container in _containers(pod):
        for source in container.env_from or ():
            if source and source.config_map_ref:
                yield source.config_map_ref.name
        for variable in container.env or ():
            if variable and variable.value_from and variable.value_from.config_map_key_ref:
                yield variable.value_from.config_map_key_ref.name
    for volume in pod.volumes or ():
        if volume:
            yield from volume.config_maps()


def _secrets(pod: PodSpec) -> Iterator[Text]:
    yield from (reference.name for reference in pod.image_pull_secrets or () if reference)
    for container in _containers(pod):
        for source in container.env_from or ():
            if source and source.secret_ref:
                yield source.secret_ref.name
        for variable in container.env or ():
            if variable and variable.value_from and variable.value_from.secret_key_ref:
                yield variable.value_from.secret_key_ref.name
    for volume in pod.volumes or ():
        if volume:
            yield from volume.secrets()


def _claims(pod: PodSpec) -> Iterator[Text]:
    for volume in pod.volumes or ():
        if volume and volume.persistent_volume_claim:
            yield volume.persistent_volume_claim.claim_name
