"""What is known at the moment of a decision, and how old it may be. Pure."""

from datetime import datetime

from msgspec import Struct

from armada_render.failover.evidence import Evidence, Place, WorkloadEvidence
from armada_render.failover.limits import Limits
from armada_render.interpret.values import Health


class Sight(Struct, frozen=True, kw_only=True, eq=False):
    """Evidence, the moment from which it is looked at, and the limits of patience."""

    evidence: Evidence
    now: datetime
    limits: Limits

    def unhealthy(self, place: Place) -> WorkloadEvidence | None:
        """Return what says that a copy is unhealthy; None when nothing does, or none of late."""
        seen = self._fresh(place)
        return seen if seen is not None and seen.health is Health.UNHEALTHY else None

    def is_healthy(self, place: Place, after: datetime) -> bool:
        """Tell whether a copy is known to be healthy, by a look that is newer than `after`."""
        seen = self._fresh(place)
        return seen is not None and seen.health is Health.HEALTHY and seen.at > after

    def was_healthy(self, place: Place) -> bool:
        """Tell whether a copy was healthy when it was last seen, however long ago."""
        seen = self.evidence.workloads.get(place)
        return seen is not None and seen.health is Health.HEALTHY

    def _fresh(self, place: Place) -> WorkloadEvidence | None:
        seen = self.evidence.workloads.get(place)
        if seen is None or self.now - seen.at > self.limits.workload_max_age:
            return None
        return seen
