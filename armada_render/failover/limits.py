"""How patient and how bold the decision is; the defaults are Karmada's where it has one. Pure."""

from datetime import timedelta

from msgspec import Struct

from armada_render.model.policy import ClusterPurgeMode


class Limits(Struct, frozen=True, kw_only=True):
    """What a deployment of the controller sets.

    Waiting (as flags of Karmada's controller manager): `failure_threshold` and
    `success_threshold` are how long a cluster must look different before it counts as such,
    `graceful_eviction_timeout` is how long an old copy waits for its replacement when the policy
    says nothing, `cluster_purge_mode` counts for policies without `failover.cluster`.

    Evidence: older than `cluster_max_age` or `workload_max_age` it is no information.

    Restraint, which Karmada has none of: with more than `max_unhealthy_share` of the clusters not
    known to be ready, nothing is done at all; no more than `max_moves_per_hour` evictions, and
    none of a workload within `workload_cooldown` of its last.
    """

    failure_threshold: timedelta = timedelta(seconds=30)
    success_threshold: timedelta = timedelta(seconds=30)
    graceful_eviction_timeout: timedelta = timedelta(minutes=10)
    cluster_purge_mode: ClusterPurgeMode = ClusterPurgeMode.GRACEFULLY
    cluster_max_age: timedelta = timedelta(minutes=1)
    workload_max_age: timedelta = timedelta(minutes=10)
    max_unhealthy_share: float = 0.5
    max_moves_per_hour: int = 100
    workload_cooldown: timedelta = timedelta(minutes=10)
