"""Everything one revision of a Git path holds, decoded."""

from collections.abc import Mapping
from typing import TYPE_CHECKING  # noqa: TID251 - not against cycles, but for a fast start

from msgspec import Struct

from armada_render.errors import Problem, SourceLocation
from armada_render.model.acknowledgement import Acknowledgement
from armada_render.model.binding import PreviousBinding
from armada_render.model.cluster import Cluster
from armada_render.model.frozen import CopyKey, FrozenCopy
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference, ResourceTemplate

if TYPE_CHECKING:
    from armada_render.model.taintpolicy import ClusterTaintPolicy


class Customization(Struct, frozen=True, kw_only=True):
    """A ResourceInterpreterCustomization: Lua scripts by operation key for one kind.

    `scripts` maps `replicaResource`, `replicaRevision`, `dependencyInterpretation`, ... to source.
    """

    name: str
    api_version: str
    kind: str
    scripts: Mapping[str, str]
    location: SourceLocation | None = None


class Fleet(Struct, frozen=True, kw_only=True, eq=False):
    """Templates, policies, clusters, customizations, previous bindings, consents of one revision.

    `frozen` holds old copies that eviction tasks may keep. `freeze` is there when a file forbids
    failover, and is why. `rejected` holds policies that could not be decoded, by
    `Kind/namespace/name`; `problems` what is wrong besides, `warnings` what users should know.
    """

    templates: tuple[ResourceTemplate, ...] = ()
    propagation_policies: tuple[PropagationPolicy, ...] = ()
    override_policies: tuple[OverridePolicy, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    customizations: tuple[Customization, ...] = ()
    taint_policies: "tuple[ClusterTaintPolicy, ...]" = ()
    previous_bindings: Mapping[ObjectReference, PreviousBinding] = {}
    acknowledgements: tuple[Acknowledgement, ...] = ()
    frozen: Mapping[CopyKey, FrozenCopy] = {}
    freeze: str | None = None
    rejected: Mapping[str, tuple[Problem, ...]] = {}
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
