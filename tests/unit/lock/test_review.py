import pytest

from armada_render.errors import ExitCode
from armada_render.lock import changes, missing, note, outdated
from armada_render.model.binding import PreviousBinding
from armada_render.model.resource import ObjectReference
from tests.support.scheduling import AGGREGATED, DYNAMIC, EQUAL, binding

GROUPS = [{"affinityName": "a"}, {"affinityName": "b"}]
REFS = [ObjectReference("v1", "ConfigMap", "shop", f"c{index}") for index in range(7)]
NEW = changes({}, {ref: PreviousBinding(ref=ref) for ref in REFS})


def test_an_outdated_lock_names_what_differs_and_what_to_run() -> None:
    problem = outdated(NEW, "fleet", has_lock=True)
    assert problem.code == ExitCode.PLACEMENT
    assert problem.message.splitlines()[0] == "the lock is out of date:"
    assert problem.message.splitlines()[-1] == "  and 2 more"
    assert "`armada-render lock fleet`" in problem.hint


def test_locked_without_a_lock_says_so() -> None:
    assert "there is no lock" in outdated(NEW, "fleet", has_lock=False).message


def test_a_note_is_one_line() -> None:
    assert note(NEW[:1], ".") == (
        "the lock is out of date (ConfigMap/c0 (shop): new: no cluster); `armada-render lock .` "
        "renews it, --locked refuses it"
    )
    assert "and 6 more" in note(NEW, ".")


@pytest.mark.parametrize(
    ("spec", "replicas", "expected"),
    [
        ({"replicaScheduling": AGGREGATED}, 2, True),
        ({"replicaScheduling": DYNAMIC}, 2, True),
        ({"replicaScheduling": DYNAMIC}, 0, False),
        ({"replicaScheduling": EQUAL}, 2, False),
        ({"clusterAffinities": GROUPS}, 2, True),
        ({"clusterAffinities": GROUPS}, 0, True),
        ({"clusterAffinities": GROUPS[:1]}, 2, False),
        ({}, 2, False),
    ],
)
def test_a_missing_lock_matters_where_the_past_counts(
    spec: dict[str, object],
    replicas: int,
    expected: bool,  # noqa: FBT001
) -> None:
    assert bool(missing([binding(spec, replicas)], ".")) == expected


def test_many_of_them_are_one_warning() -> None:
    many = [
        binding({"replicaScheduling": AGGREGATED}, 1, ref=ObjectReference("v1", "A", "n", str(i)))
        for i in range(5)
    ]
    (warning,) = missing(many, ".")
    assert "and 2 more" in warning.message
