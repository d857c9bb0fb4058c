"""Go's int32: sums of replicas wrap silently upstream, and so do ours."""

from collections.abc import Iterable

from armada_render.model.binding import TargetCluster

MAX = 2**31 - 1
"""As an estimate: nobody said how many replicas fit."""


def wrap(number: int) -> int:
    """Return `number` as Go's conversion to int32 leaves it."""
    return (number + 2**31) % 2**32 - 2**31


def total(targets: Iterable[TargetCluster]) -> int:
    """Return the sum of replicas (GetSumOfReplicas in pkg/util/binding.go)."""
    return wrap(sum(target.replicas for target in targets))
