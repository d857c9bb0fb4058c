"""What was seen of clusters and workloads: the input of a decision, gathered by others. Pure.

Evidence is what one look found, with when it was. What it means (how long a state must last, how
old a look may be) is decided in this package alone, so whoever looks reports plainly and often.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from armada_render.interpret.values import Health
from armada_render.model.resource import ObjectReference

Place = tuple[ObjectReference, str]
"""A resource (by its template) on a cluster."""


class Ready(StrEnum):
    """Status of a Cluster's Ready condition."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class ClusterEvidence(Struct, frozen=True, kw_only=True):
    """What one look at a cluster found, without any debouncing (failover.md, probe result).

    `ready` is UNKNOWN for a cluster that reports by itself and has fallen silent. A cluster that
    was not looked at has no evidence, or an old one; that is no information, and moves nothing.
    """

    cluster: str
    ready: Ready
    reason: str = ""
    message: str = ""
    at: datetime


class WorkloadEvidence(Struct, frozen=True, kw_only=True):
    """Health of one resource on one cluster, for what Git asks for now.

    HEALTHY is also a resource whose kind has no rule for health, once it is applied; a resource
    that is not applied yet, or was last seen in an earlier form, is UNKNOWN.
    """

    ref: ObjectReference
    cluster: str
    health: Health
    message: str = ""
    at: datetime


class Evidence(Struct, frozen=True, kw_only=True, eq=False):
    """Everything known at one moment; what is not there is unknown.

    `removed` are the copies that are confirmed to be gone from a cluster, which purge mode
    Directly waits for.
    """

    clusters: Mapping[str, ClusterEvidence] = {}
    workloads: Mapping[Place, WorkloadEvidence] = {}
    removed: frozenset[Place] = frozenset()
