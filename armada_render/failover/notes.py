"""What a round has to say, gathered on the way. Pure."""

from collections.abc import Iterable
from datetime import datetime

from armada_render.failover.clock import earliest
from armada_render.failover.decision import Reason
from armada_render.model.resource import ObjectReference


class Notes:
    """Reasons of what is done and of what is held back, and when to look again."""

    def __init__(self, wakes: Iterable[datetime | None] = ()) -> None:
        self._wakes = list(wakes)
        self.reasons: list[Reason] = []
        self.held: list[Reason] = []

    def say(self, *reasons: Reason) -> None:
        """Note why something is done."""
        self.reasons += reasons

    def take_back(self, ref: ObjectReference) -> None:
        """Forget what was noted of a resource that stays as it was after all."""
        self.reasons = [reason for reason in self.reasons if reason.ref != ref]

    def hold(self, *reasons: Reason) -> None:
        """Note what is kept from happening; one that ends by itself is looked at again then."""
        self.held += reasons
        self._wakes += (reason.until for reason in reasons)

    def wake(self, *moments: datetime | None) -> None:
        """Note when time alone may change the decision."""
        self._wakes += moments

    def wakes_after(self, now: datetime) -> datetime | None:
        """Return the first of these moments that is still to come."""
        return earliest(*(one for one in self._wakes if one is not None and one > now))
