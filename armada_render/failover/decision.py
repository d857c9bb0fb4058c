"""What is to be written, why, and what was held back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from armada_render.failover.memory import Memory
from armada_render.lock import States, title
from armada_render.model.cluster import Taint
from armada_render.model.resource import ObjectReference


class Cause(StrEnum):
    """What a reason is about; stable words for logs, commit trailers, metrics and alerts."""

    CLUSTER_TAINTED = "ClusterTainted"
    CLUSTER_UNTAINTED = "ClusterUntainted"
    TAINT_UNTOLERATED = "TaintUntolerated"
    APPLICATION_FAILURE = "ApplicationFailure"
    TASK_ADOPTED = "EvictionTaskAdopted"
    TASK_FINISHED = "EvictionTaskFinished"
    COPY_REMOVED = "OldCopyRemoved"
    PLACED_AGAIN = "PlacedAgain"
    FREEZE_FILE = "FreezeFile"
    NOT_RENDERED = "FleetNotRendered"
    TOO_MANY_UNHEALTHY = "TooManyClustersUnhealthy"
    STALE_EVIDENCE = "StaleEvidence"
    COMING_BACK = "ClusterComingBack"
    NOWHERE_TO_GO = "NowhereToGo"
    LAST_HEALTHY_COPY = "LastHealthyCopy"
    BUDGET_SPENT = "MovesPerHourSpent"
    COOLING_DOWN = "CoolingDown"
    SCHEDULING_SUSPENDED = "SchedulingSuspended"
    NOT_FAILED_OVER = "FailoverNotAllowed"


class Reason(Struct, frozen=True, kw_only=True):
    """One thing that was decided, or kept from happening, in words and as data.

    `message` is a clause that goes on after the resource or cluster; `since` is when what made it
    so began, `until` when time alone will end a hold.
    """

    cause: Cause
    message: str
    ref: ObjectReference | None = None
    cluster: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        subject = title(self.ref) if self.ref else self.cluster or "fleet"
        return f"{subject}: {self.message}"


class Decision(Struct, frozen=True, kw_only=True, eq=False):
    """What follows from the evidence.

    `states` is the whole lock as it is to be, equal to that of the fleet when nothing moves.
    `taints` holds the clusters whose taints change, each with all it is to have. `frozen` maps
    paths below the root to the files of frozen manifests to write, None to remove one. `reasons`
    says what these do and why, `held` what restraint kept from happening. `wake` is when time
    alone may change the decision, None when only other evidence can.
    """

    states: States
    taints: Mapping[str, tuple[Taint, ...]] = {}
    frozen: Mapping[str, bytes | None] = {}
    reasons: tuple[Reason, ...] = ()
    held: tuple[Reason, ...] = ()
    memory: Memory
    wake: datetime | None = None
