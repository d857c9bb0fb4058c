"""Failover: what moves when clusters or applications fail, decided and not done. Pure.

Evidence goes in, with the moment and what the decision before remembered; the new lock, taints and
frozen manifests come out, with reasons. No clock, no files, no network: the controller writes what
is decided, and `simulate` asks what would be.
"""

from armada_render.failover.applied import applied
from armada_render.failover.decide import decide
from armada_render.failover.decision import Cause, Decision, Reason
from armada_render.failover.evidence import (
    ClusterEvidence,
    Evidence,
    Place,
    Ready,
    WorkloadEvidence,
)
from armada_render.failover.limits import Limits
from armada_render.failover.memory import Memory
from armada_render.interpret.values import Health

__all__ = [
    "Cause",
    "ClusterEvidence",
    "Decision",
    "Evidence",
    "Health",
    "Limits",
    "Memory",
    "Place",
    "Ready",
    "Reason",
    "WorkloadEvidence",
    "applied",
    "decide",
]
