"""How rejections are handed on."""

from armada_render.admit import policies
from armada_render.errors import ExitCode, SourceLocation
from armada_render.model.override import OverridePolicy, OverrideSpec
from armada_render.model.policy import (
    PropagationPolicy,
    PropagationSpec,
    SuspendClusters,
    Suspension,
)
from armada_render.model.selector import ResourceSelector

GOOD = PropagationSpec(resource_selectors=(ResourceSelector(api_version="v1", kind="Secret"),))
BAD = PropagationSpec(
    resource_selectors=GOOD.resource_selectors,
    suspension=Suspension(
        dispatching=True, dispatching_on_clusters=SuspendClusters(cluster_names=("m1",))
    ),
)


def policy(name: str, spec: PropagationSpec = GOOD, *, line: int = 1) -> PropagationPolicy:
    location = SourceLocation("policies.yaml", line)
    return PropagationPolicy(name=name, namespace="", spec=spec, location=location)


def test_the_others_go_on_in_the_given_order() -> None:
    admitted = policies([policy("z"), policy("bad", BAD), policy("a")], [])

    assert [item.name for item in admitted.propagation] == ["z", "a"]
    assert list(admitted.rejected) == ["ClusterPropagationPolicy//bad"]


def test_a_rejection_says_where_and_what_to_do() -> None:
    (problem,) = policies([policy("bad", BAD, line=7)], []).rejected[
        "ClusterPropagationPolicy//bad"
    ]

    assert problem.location == SourceLocation("policies.yaml", 7)
    assert problem.resource == "ClusterPropagationPolicy//bad"
    assert problem.field == "spec.suspension"
    assert problem.hint
    assert problem.code is ExitCode.INPUT


def test_two_bad_documents_of_one_name_both_speak() -> None:
    rejected = policies([policy("bad", BAD, line=1), policy("bad", BAD, line=9)], []).rejected

    lines = [
        item.location and item.location.line for item in rejected["ClusterPropagationPolicy//bad"]
    ]
    assert lines == [1, 9]


def test_both_kinds_are_told_apart() -> None:
    override = OverridePolicy(name="same", namespace="", spec=OverrideSpec())

    admitted = policies([policy("same", BAD)], [override])

    assert admitted.overrides == (override,)
    assert list(admitted.rejected) == ["ClusterPropagationPolicy//same"]
