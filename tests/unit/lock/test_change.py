import pytest
from msgspec import structs

from armada_render.lock.change import changes
from armada_render.model.binding import PreviousBinding
from armada_render.model.resource import ObjectReference
from tests.support.scheduling import REF, previous

ROLE = ObjectReference("rbac.authorization.k8s.io/v1", "ClusterRole", "", "viewer")


def _said(before: PreviousBinding | None, after: PreviousBinding | None) -> list[str]:
    old = {} if before is None else {before.ref: before}
    new = {} if after is None else {after.ref: structs.replace(after, last_scheduled_time="")}
    return [str(change) for change in changes(old, new)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(previous(a=3), previous(a=3), [], id="same-but-for-times"),
        pytest.param(
            previous(a=3, c=1),
            previous(a=2, b=1, c=1),
            ["Deployment/web (shop): a 3 -> 2, b 0 -> 1"],
            id="replicas",
        ),
        pytest.param(
            previous(a=0, b=0),
            previous(b=0, c=0),
            ["Deployment/web (shop): a removed, c added"],
            id="no-replicas",
        ),
        pytest.param(
            previous(a=2, b=0),
            previous(a=2),
            ["Deployment/web (shop): b removed"],
            id="no-replicas-there",
        ),
        pytest.param(None, previous(b=1, a=3), ["Deployment/web (shop): new: a 3, b 1"], id="new"),
        pytest.param(
            None,
            previous(**{f"m{index}": 1 for index in range(9)}),
            ["Deployment/web (shop): new: m0 1, m1 1, m2 1, m3 1, m4 1, and 4 more clusters"],
            id="new-on-many",
        ),
        pytest.param(None, previous(), ["Deployment/web (shop): new: no cluster"], id="nowhere"),
        pytest.param(
            previous(a=3),
            None,
            ["Deployment/web (shop): gone: not propagated any more; was on a 3"],
            id="gone",
        ),
        pytest.param(
            previous({}, a=3),
            previous({"clusterAffinity": {}}, a=3),
            ["Deployment/web (shop): stays where it is under another placement"],
            id="placement",
        ),
        pytest.param(
            previous(a=3),
            structs.replace(previous(a=3), observed_affinity="main"),
            ["Deployment/web (shop): stays where it is, affinity group none -> main"],
            id="group",
        ),
        pytest.param(
            previous(a=3),
            structs.replace(previous(a=3), uid="x"),
            ["Deployment/web (shop): stays where it is"],
            id="uid",
        ),
    ],
)
def test_a_change_says_what_moves(
    before: PreviousBinding | None, after: PreviousBinding | None, expected: list[str]
) -> None:
    assert _said(before, after) == expected


def test_moves_come_first_then_what_is_gone_and_new() -> None:
    def state(name: str, **replicas: int) -> PreviousBinding:
        return structs.replace(
            previous(**replicas), ref=structs.replace(REF, name=name), last_scheduled_time=""
        )

    before = [state("gone", a=1), state("moved", a=1), state("quiet", a=1)]
    after = [state("moved", b=1), state("new", a=1), structs.replace(state("quiet", a=1), uid="u")]
    found = changes({s.ref: s for s in before}, {s.ref: s for s in after})
    assert [change.ref.name for change in found] == ["moved", "gone", "new", "quiet"]


def test_a_resource_without_namespace_is_named_without() -> None:
    state = PreviousBinding(ref=ROLE)
    assert _said(None, state) == ["ClusterRole/viewer: new: no cluster"]
