"""What holds of every placement, whatever the policy and the clusters."""

import random
from typing import Any

import msgspec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.model.placement import SpreadField
from armada_render.model.webster import divide
from tests.support.scheduling import (
    AGGREGATED,
    DYNAMIC,
    EQUAL,
    binding,
    cluster,
    placed,
    previous,
    result,
    spread,
    static,
)

NAMES = [f"m{i:02}" for i in range(16)]
SOME = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

fleets = st.lists(
    st.builds(
        cluster,
        name=st.sampled_from(NAMES),
        free=st.none() | st.integers(0, 12),
        labels=st.dictionaries(st.sampled_from(["tier", "env"]), st.sampled_from(["x", "y"])),
        is_terminating=st.sampled_from([False, False, False, True]),
        region=st.sampled_from(["", "east", "west", "north"]),
        taints=st.lists(st.just({"key": "k", "effect": "NoSchedule"}), max_size=1),
    ),
    min_size=1,
    max_size=16,
    unique_by=lambda member: member.name,
)
affinities = st.fixed_dictionaries(
    {},
    optional={
        "exclude": st.lists(st.sampled_from(NAMES), max_size=5),
        "labelSelector": st.sampled_from([{}, {"matchLabels": {"tier": "x"}}]),
    },
)
groups = st.lists(affinities, max_size=3).map(
    lambda found: [{"affinityName": f"g{i}", **affinity} for i, affinity in enumerate(found)]
)
divided = st.sampled_from([AGGREGATED, DYNAMIC, EQUAL, static(m01=1, m02=3)])
placements = st.fixed_dictionaries(
    {
        "replicaScheduling": st.none() | divided,
        "clusterTolerations": st.lists(st.just({"operator": "Exists"}), max_size=1),
        "spreadConstraints": st.sampled_from(
            [[], [spread("cluster", 1, 3)], [spread("cluster", 2, 5), spread("region", 1, 2)]]
        ),
    },
    optional={"clusterAffinities": groups},
) | st.fixed_dictionaries({"clusterAffinity": affinities})
shares = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 6), max_size=4)


@st.composite
def bindings(draw: st.DrawFn) -> ResourceBinding:
    before = draw(st.none() | shares)
    return binding(
        draw(placements),
        draw(st.integers(0, 20)),
        requests=draw(st.sampled_from([None, {}])),
        uid=draw(st.sampled_from(["", "a", "b"])),
        before=None if before is None else previous(None, **before),
    )


def _again(scheduled: ResourceBinding) -> ResourceBinding:
    """Return the binding as the next run finds it, with this run's result in the lock."""
    text = msgspec.json.encode(scheduled.placement).decode()
    lock = structs.replace(
        previous(None, **result(scheduled)),
        applied_placement=text,
        observed_affinity=scheduled.observed_affinity,
    )
    return structs.replace(scheduled, previous=lock, rejections=(), decisions=())


@SOME
@given(bindings(), fleets)
def test_every_cluster_is_a_target_or_rejected_once(
    item: ResourceBinding, fleet: list[Cluster]
) -> None:
    scheduled = placed(item, fleet)
    rejected = [rejection.cluster for rejection in scheduled.rejections]
    assert sorted({*rejected, *result(scheduled)} & {c.name for c in fleet}) == sorted(
        c.name for c in fleet
    )
    assert len(rejected) == len(set(rejected))
    assert not set(rejected) & set(result(scheduled))


@SOME
@given(bindings(), fleets, st.randoms(use_true_random=False))
def test_the_order_of_clusters_does_not_matter(
    item: ResourceBinding, fleet: list[Cluster], order: random.Random
) -> None:
    shuffled = fleet.copy()
    order.shuffle(shuffled)
    left, right = placed(item, fleet), placed(item, shuffled)
    for name in ("clusters", "reason", "message", "observed_affinity", "rejections", "decisions"):
        assert getattr(left, name) == getattr(right, name)


@SOME
@given(divided, st.integers(1, 20), st.none() | shares, fleets)
def test_divided_replicas_sum_to_the_total(
    scheduling: dict[str, Any], replicas: int, before: dict[str, int] | None, fleet: list[Cluster]
) -> None:
    known = None if before is None else previous(None, **before)
    waiting = binding({"replicaScheduling": scheduling}, replicas, before=known)
    scheduled = placed(waiting, fleet)
    assume(not scheduled.reason)
    assert sum(result(scheduled).values()) == replicas
    assert all(count > 0 for count in result(scheduled).values())


@SOME
@given(bindings(), fleets)
def test_placing_again_changes_nothing(item: ResourceBinding, fleet: list[Cluster]) -> None:
    scheduled = placed(item, fleet)
    assume(not scheduled.reason)
    assert scheduled.placement is not None
    # Regions are scored anew with the clusters in use preferred, and those may win then; and
    # what is scaled to zero holds no cluster that taints would stop now (as upstream).
    fields = {constraint.spread_by_field for constraint in scheduled.placement.spread_constraints}
    assume(SpreadField.REGION not in fields and scheduled.clusters)
    repeated = placed(_again(scheduled), fleet)
    assert result(repeated) == result(scheduled)
    assert repeated.observed_affinity == scheduled.observed_affinity
    assert placed(_again(repeated), fleet).clusters == repeated.clusters


@given(
    seats=st.integers(0, 200),
    votes=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 50), min_size=1),
    uid=st.sampled_from(["", "a", "b"]),
)
def test_a_higher_weight_never_gets_fewer(seats: int, votes: dict[str, int], uid: str) -> None:
    shares = divide(seats, votes, uid)
    for one in shares:
        for other in shares:
            if votes[one] > votes[other]:
                assert shares[one] >= shares[other]
