"""Applications that are generated no more."""

from typing import Any

from armada_render.errors import ExitCode
from armada_render.guard.applications import Row, rows_of, vanished
from armada_render.model.config import Retirement

WEB, OLD = Row("web-one", "one", "web"), Row("old-one", "one", "old")


def test_rows_are_read_from_whatever_is_there() -> None:
    def a_set(*elements: Any) -> dict[str, Any]:
        return {"spec": {"generators": [{"list": {"elements": list(elements)}}]}}

    sets = [
        a_set({"name": "web-one", "cluster": "one", "app": "web"}, "x", {"name": 1}),
        a_set(
            {"name": "a", "cluster": "b", "app": "c-1234", "appName": "C", "retired": True},
        ),
        {"spec": {"generators": [{}, 1, {"list": 1}, {"list": {"elements": 1}}]}},
        {"spec": []},
        {"spec": {"generators": {}}},
        {},
    ]
    assert rows_of(sets) == {WEB, Row("a", "b", "C", is_retired=True)}


def test_those_that_stay_are_told() -> None:
    (problem,) = vanished({WEB, OLD}, {WEB}, [], deletes=False)
    assert str(problem) == (
        "Application/old-one: is generated no more, and stays in Argo CD with what it runs\n"
        "  hint: list {cluster: one, app: old} under retire in armada.yaml first, or `argocd app "
        "delete old-one`"
    )
    empty = Row("old-one", "one", "old", is_retired=True)
    (problem,) = vanished({empty}, {WEB}, [], deletes=False)
    assert str(problem) == (
        "Application/old-one: is generated no more, and stays in Argo CD\n"
        "  hint: `argocd app delete old-one` deletes it"
    )


def test_those_that_would_be_deleted_are_refused_unless_it_is_meant() -> None:
    (problem,) = vanished({WEB, OLD}, {WEB}, [], deletes=True)
    assert problem.code is ExitCode.GUARD
    assert problem.message.startswith("would be deleted, as argocd.applicationsSync says")
    assert list(vanished({OLD}, {WEB}, [Retirement(app="old")], deletes=True)) == []
    empty = Row("old-one", "one", "old", is_retired=True)
    assert list(vanished({empty}, {WEB}, [], deletes=True)) == []
