"""What holds of every lock: it rests, and says all that the next rendering needs."""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from armada_render.load import MemorySource, from_objects, load
from armada_render.load.lockfile import lock_path
from armada_render.lock import changes, settle, states, text
from armada_render.pipeline import RenderOptions, render
from armada_render.yamlio import dumps
from tests.support.scheduling import AGGREGATED, DYNAMIC, EQUAL, spread, static

NAMES = [f"m{i}" for i in range(8)]
SOME = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _cluster(name: str, free: int | None, region: str, *, tainted: bool) -> dict[str, Any]:
    status = {} if free is None else {"resourceSummary": {"allocatable": {"pods": free}}}
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {
            "region": region,
            "taints": [{"key": "k", "effect": "NoSchedule"}] if tainted else [],
        },
        "status": status,
    }


def _workload(name: str, replicas: int) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c"}]}}},
    }


def _policy(name: str, placement: dict[str, Any]) -> dict[str, Any]:
    selector = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"resourceSelectors": [selector], "placement": placement},
    }


affinities = st.fixed_dictionaries({}, optional={"exclude": st.lists(st.sampled_from(NAMES))})
placements = st.fixed_dictionaries(
    {},
    optional={
        "replicaScheduling": st.sampled_from([AGGREGATED, DYNAMIC, EQUAL, static(m1=1, m2=3)]),
        "clusterTolerations": st.just([{"operator": "Exists", "tolerationSeconds": 0}]),
        "spreadConstraints": st.sampled_from(
            [[spread("cluster", 1, 2)], [spread("cluster", 2, 4), spread("region", 1, 2)]]
        ),
        "clusterAffinities": st.lists(affinities, min_size=1, max_size=3).map(
            lambda found: [{"affinityName": f"g{i}", **item} for i, item in enumerate(found)]
        ),
    },
)


@st.composite
def fleets(draw: st.DrawFn) -> list[dict[str, Any]]:
    clusters = draw(
        st.lists(
            st.builds(
                _cluster,
                st.sampled_from(NAMES),
                st.none() | st.integers(0, 12),
                st.sampled_from(["east", "west"]),
                tainted=st.booleans(),
            ),
            min_size=1,
            unique_by=lambda item: str(item["metadata"]["name"]),
        )
    )
    names = ["api", "web"]
    workloads = [_workload(name, draw(st.integers(0, 12))) for name in names]
    return [*clusters, *workloads, *(_policy(name, draw(placements)) for name in names)]


def _locked(objects: list[dict[str, Any]], files: dict[str, str]) -> MemorySource:
    manifests = {f"{index}.yaml": dumps(item) for index, item in enumerate(objects)}
    return MemorySource({**manifests, **files})


@SOME
@given(fleets(), fleets())
def test_a_rendering_from_its_own_lock_changes_nothing(
    objects: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    files: dict[str, str] = {}
    # The second round begins with the lock of another fleet: clusters come and go, policies change.
    for fleet in (objects, later):
        settled = settle(load(_locked(fleet, files)).fleet, RenderOptions())
        assume(not settled.rendering.problems and not settled.restless)
        files = {lock_path(ref): text(state) for ref, state in settled.states.items()}

        loaded = load(_locked(fleet, files)).fleet
        again = render(loaded)
        assert loaded.problems == ()
        assert again.problems == ()
        assert changes(loaded.previous_bindings, states(again.bindings)) == ()
        assert again.to_dict()["works"] == settled.rendering.to_dict()["works"]
        repeated = settle(loaded, RenderOptions())
        assert {lock_path(ref): text(state) for ref, state in repeated.states.items()} == files


@SOME
@given(fleets())
def test_rescheduling_comes_to_rest_as_well(objects: list[dict[str, Any]]) -> None:
    first = settle(from_objects(objects), RenderOptions())
    assume(not first.rendering.problems)
    fleet = load(
        _locked(objects, {lock_path(ref): text(state) for ref, state in first.states.items()})
    ).fleet
    anew = settle(fleet, RenderOptions(), tuple(first.states))
    assume(not anew.rendering.problems)
    assert anew.restless == ()
