"""The fields of native kinds that interpreting reads, with the types the Kubernetes API gives them.

Karmada converts a whole manifest to the Go type before it looks; a wrong JSON type makes the
operation fail. Here the same holds for the fields below. As there, other fields are ignored, null
is the same as absent, and a float with an integral value is an integer
(k8s.io/apimachinery/pkg/runtime/converter.go).
"""

from typing import Any, TypeVar

from msgspec import Struct, ValidationError, convert, field

from armada_render.interpret.values import InterpretError
from armada_render.model import quantity

T = TypeVar("T")

Number = int | float | None
Text = str | None
Texts = dict[str, str | None] | None
Amounts = dict[str, str | int | float | None] | None


class Node(Struct, frozen=True, rename="camel", kw_only=True):
    """What every struct here inherits."""


class Named(Node, frozen=True):
    """A reference that has a name (LocalObjectReference, ConfigMapKeySelector, ...)."""

    name: Text = None


class Metadata(Node, frozen=True):
    """ObjectMeta."""

    name: Text = None
    namespace: Text = None
    labels: Texts = None
    annotations: Texts = None
    generation: Number = None


class Object(Node, frozen=True):
    """Any object, or a template of one."""

    metadata: Metadata | None = None


class EnvFrom(Node, frozen=True):
    """EnvFromSource."""

    config_map_ref: Named | None = None
    secret_ref: Named | None = None


class EnvSource(Node, frozen=True):
    """EnvVarSource."""

    config_map_key_ref: Named | None = None
    secret_key_ref: Named | None = None


class EnvVar(Node, frozen=True):
    """EnvVar; that `value` is a string is what people forget most."""

    name: Text = None
    value: Text = None
    value_from: EnvSource | None = None


class Resources(Node, frozen=True):
    """ResourceRequirements; an amount that is no quantity spoils the whole object, as upstream."""

    requests: Amounts = None
    limits: Amounts = None

    def __post_init__(self) -> None:
        """Raise `ValueError`, which names the field and becomes part of the error of `decode`."""
        for field_, amounts in (("requests", self.requests), ("limits", self.limits)):
            for name, amount in (amounts or {}).items():
                if amount is not None:
                    try:
                        quantity.parse(amount)
                    except ValueError as error:
                        raise ValueError(f"{field_}.{name}: {error}") from None


class Container(Node, frozen=True):
    """Container and EphemeralContainer."""

    name: Text = None
    image: Text = None
    command: list[Text] | None = None
    args: list[Text] | None = None
    env: list[EnvVar | None] | None = None
    env_from: list[EnvFrom | None] | None = None
    resources: Resources | None = None


class SecretNamed(Node, frozen=True):
    """SecretVolumeSource and AzureFileVolumeSource."""

    secret_name: Text = None

    def secrets(self) -> tuple[Text, ...]:
        """Return the names of the secrets it reads."""
        return (self.secret_name,)


class SecretReferring(Node, frozen=True):
    """The volume sources of storage systems that log in with a secret."""

    secret_ref: Named | None = None

    def secrets(self) -> tuple[Text, ...]:
        """Return the names of the secrets it reads."""
        return (self.secret_ref.name,) if self.secret_ref else ()


class CsiVolume(Node, frozen=True):
    """CSIVolumeSource."""

    node_publish_secret_ref: Named | None = None

    def secrets(self) -> tuple[Text, ...]:
        """Return the names of the secrets it reads."""
        return (self.node_publish_secret_ref.name,) if self.node_publish_secret_ref else ()


class ProjectedSource(Node, frozen=True):
    """VolumeProjection."""

    secret: Named | None = None
    config_map: Named | None = None


class Projected(Node, frozen=True):
    """ProjectedVolumeSource."""

    sources: list[ProjectedSource | None] | None = None

    def secrets(self) -> tuple[Text, ...]:
        """Return the names of the secrets it reads."""
        return tuple(one.secret.name for one in self.sources or () if one and one.secret)

    def config_maps(self) -> tuple[Text, ...]:
        """Return the names of the ConfigMaps it reads."""
        return tuple(one.config_map.name for one in self.sources or () if one and one.config_map)


class Claim(Node, frozen=True):
    """PersistentVolumeClaimVolumeSource."""

    claim_name: Text = None


class Volume(Node, frozen=True):
    """Volume, without the sources that refer to nothing."""

    name: Text = None
    azure_file: SecretNamed | None = None
    cephfs: SecretReferring | None = None
    cinder: SecretReferring | None = None
    flex_volume: SecretReferring | None = None
    projected: Projected | None = None
    rbd: SecretReferring | None = None
    secret: SecretNamed | None = None
    scale_io: SecretReferring | None = field(default=None, name="scaleIO")
    iscsi: SecretReferring | None = None
    storageos: SecretReferring | None = None
    csi: CsiVolume | None = None
    config_map: Named | None = None
    persistent_volume_claim: Claim | None = None

    def secrets(self) -> tuple[Text, ...]:
        """Return the secrets of the first source in upstream's order (lifted/visitpod.go)."""
        for source in (
            self.azure_file,
            self.cephfs,
            self.cinder,
            self.flex_volume,
            self.projected,
            self.rbd,
            self.secret,
            self.scale_io,
            self.iscsi,
            self.storageos,
            self.csi,
        ):
            if source is not None:
                return source.secrets()
        return ()

    def config_maps(self) -> tuple[Text, ...]:
        """Return the ConfigMaps; a projected source hides a plain one (lifted/visitpod.go)."""
        if self.projected is not None:
            return self.projected.config_maps()
        return (self.config_map.name,) if self.config_map is not None else ()


class NodeAffinity(Node, frozen=True):
    """NodeAffinity, the hard part."""

    required_during_scheduling_ignored_during_execution: dict[str, Any] | None = None


class Affinity(Node, frozen=True):
    """Affinity."""

    node_affinity: NodeAffinity | None = None


class PodSpec(Node, frozen=True):
    """PodSpec."""

    init_containers: list[Container | None] | None = None
    containers: list[Container | None] | None = None
    ephemeral_containers: list[Container | None] | None = None
    volumes: list[Volume | None] | None = None
    image_pull_secrets: list[Named | None] | None = None
    service_account_name: Text = None
    node_selector: Texts = None
    tolerations: list[dict[str, Any] | None] | None = None
    affinity: Affinity | None = None
    overhead: Amounts = None
    priority_class_name: Text = None


class PodTemplate(Object, frozen=True):
    """PodTemplateSpec, and Pod, of which it is a part."""

    spec: PodSpec | None = None


class WorkloadSpec(Node, frozen=True):
    """The spec of what runs pods from one template."""

    template: PodTemplate | None = None


class Workload(Object, frozen=True):
    """DaemonSet, and what the workloads below have in common."""

    spec: WorkloadSpec | None = None


class ReplicatedSpec(WorkloadSpec, frozen=True):
    """DeploymentSpec and ReplicaSetSpec."""

    replicas: Number = None


class Replicated(Object, frozen=True):
    """Deployment and ReplicaSet."""

    spec: ReplicatedSpec | None = None


class ClaimSpec(Node, frozen=True):
    """PersistentVolumeClaimSpec."""

    resources: Resources | None = None


class VolumeClaim(Object, frozen=True):
    """PersistentVolumeClaim."""

    spec: ClaimSpec | None = None


class StatefulSpec(ReplicatedSpec, frozen=True):
    """StatefulSetSpec."""

    volume_claim_templates: list[VolumeClaim | None] | None = None


class StatefulSet(Object, frozen=True):
    """StatefulSet."""

    spec: StatefulSpec | None = None


class JobSpec(WorkloadSpec, frozen=True):
    """JobSpec."""

    parallelism: Number = None
    completions: Number = None


class Job(Object, frozen=True):
    """Job, and the template of one in a CronJob."""

    spec: JobSpec | None = None


class CronJobSpec(Node, frozen=True):
    """CronJobSpec."""

    job_template: Job | None = None


class CronJob(Object, frozen=True):
    """CronJob."""

    spec: CronJobSpec | None = None


class IngressTLS(Node, frozen=True):
    """IngressTLS."""

    hosts: list[Text] | None = None
    secret_name: Text = None


class IngressSpec(Node, frozen=True):
    """IngressSpec."""

    tls: list[IngressTLS | None] | None = None


class Ingress(Object, frozen=True):
    """Ingress."""

    spec: IngressSpec | None = None


def decode(manifest: object, type_: type[T]) -> T:
    """Return `manifest` as a `type_`, or raise `InterpretError` with the field and both types."""
    try:
        return convert(manifest, type_)
    except ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise InterpretError(
            f"{path.removesuffix('`').removeprefix('$').lstrip('.') or 'the object'}: "
            f"{_readable(message)}"
        ) from None


def _readable(message: str) -> str:
    """Turn msgspec's words (Expected `int | float | null`, got `str`) into the API's."""
    text = message.replace(" | null", "").replace("int | float", "int").replace("`", "")
    return text[:1].lower() + text[1:]


def integer(value: Number, path: str) -> int | None:
    """Return `value` as an int64, None when it is absent; raise `InterpretError` for a fraction."""
    if value is None or isinstance(value, int):
        return value
    if value.is_integer():
        return int(value)
    raise InterpretError(f"{path}: expected an integer, got {value}")


def int32(value: Number, path: str) -> int | None:
    """Return `value` as Go's int32, which wraps without a word, or None when it is absent."""
    number = integer(value, path)
    return None if number is None else wrapped(number)


def wrapped(number: int) -> int:
    """Return the int32 that Go's conversion makes of an int64."""
    return (number + 2**31) % 2**32 - 2**31
