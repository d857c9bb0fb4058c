"""What a run is going to do to a tree."""

from collections.abc import Sequence
from typing import Protocol


class Plan(Protocol):
    """Which files of a tree a run is going to write and remove, as `output` tells."""

    @property
    def added(self) -> Sequence[str]: ...

    @property
    def changed(self) -> Sequence[str]: ...

    @property
    def stale(self) -> Sequence[str]: ...
