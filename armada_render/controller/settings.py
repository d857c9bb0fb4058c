"""What a deployment of the controller chooses."""

from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from armada_render.controller.access import Access
from armada_render.controller.lease import LeaseTimes
from armada_render.controller.repository import Remote
from armada_render.failover import Limits


class Mode(StrEnum):
    """Where a decision goes: onto the branch itself, or on a branch of its own to be reviewed."""

    COMMIT = "commit"
    BRANCH = "branch"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything; `root` is where the fleet stands in the repository, "" for its top.

    Times are in seconds: a round is made every `interval` and when something changes, but no more
    often than `least_interval`.
    """

    remote: Remote
    root: str = ""
    mode: Mode = Mode.COMMIT
    dry_run: bool = True
    limits: Limits = Limits()
    access: Access = Access()
    lease_times: LeaseTimes = LeaseTimes()
    identity: str = ""
    leader_election: bool = True
    interval: float = 10.0
    least_interval: float = 1.0
    git_interval: float = 30.0
    probe_interval: float = 10.0
    api_silence: float = 120.0
    address: str = "0.0.0.0"  # noqa: S104 - a pod's probes come from outside of it
    port: int = 8080
    state_folder: Path = Path()
