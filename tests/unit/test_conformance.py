"""Results are held against Karmada's: what is compared, and how differences are said."""

from typing import Any

import pytest

from armada_render.conformance import Tally, check, compare, same
from armada_render.pipeline import render
from tests.support.objects import cluster, config_map, deployment, policy

OBJECTS = [cluster("one"), config_map("a"), policy("p")]
NAME = "v1/ConfigMap/default/a"


def _expected(**changes: Any) -> dict[str, Any]:
    return {**render(OBJECTS).to_dict(), "ambiguous": False, **changes}


def _found(**changes: Any) -> list[str]:
    return check({"id": "x", "objects": OBJECTS, "expected": _expected(**changes)})


def test_an_equal_result_has_no_differences() -> None:
    assert _found() == []


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        (
            {"rejected": {"PropagationPolicy/default/p": "why"}},
            "rejected policies: want ['PropagationPolicy/default/p'], got []",
        ),
        ({"unpropagated": [NAME]}, f"unpropagated: want ['{NAME}'], got []"),
        (
            {"errors": [{"stage": "work", "resource": NAME, "message": "m"}]},
            f"errors: want [('work', '{NAME}')], got []",
        ),
        ({"bindings": {}}, f"bindings: want [], got ['{NAME}']"),
        ({"works": {}}, f"works on one: want [], got ['{NAME}']"),
    ],
)
def test_differences_are_said(changes: dict[str, Any], difference: str) -> None:
    assert difference in _found(**changes)


@pytest.mark.parametrize(
    ("field", "value", "difference"),
    [
        ("policy", None, "policy: want None, got 'PropagationPolicy/default/p'"),
        ("replicas", 2, "replicas: want 2, got None"),
        ("reason", "NoClusterFit", "reason: want 'NoClusterFit', got None"),
        (
            "clusters",
            [{"name": "one", "replicas": 2}],
            "clusters: want [('one', 2)], got [('one', 0)]",
        ),
    ],
)
def test_fields_of_bindings_are_compared(field: str, value: object, difference: str) -> None:
    expected = _expected()
    expected["bindings"][NAME][field] = value
    assert compare(expected, render(OBJECTS).to_dict()) == [f"{NAME}: {difference}"]


def test_manifests_are_compared_to_the_type_of_a_number() -> None:
    expected = _expected()
    expected["works"]["one"] = [{**expected["works"]["one"][0], "data": {"key": "other"}}]
    (difference,) = compare(expected, render(OBJECTS).to_dict())
    assert difference.startswith(f"works on one: {NAME} differs: want ")


def test_an_ambiguous_case_has_to_agree_on_rejections_only() -> None:
    assert _found(ambiguous=True, bindings={}, works={}) == []
    assert _found(ambiguous=True, rejected={"x": ""}) != []


def test_what_is_not_said_is_empty() -> None:
    assert check({"id": "x", "objects": [cluster("one")], "expected": {}}) == []


def test_health_is_compared_object_by_object() -> None:
    live = {**deployment("web"), "status": {"replicas": 2, "updatedReplicas": 1}}
    name = "apps/v1/Deployment/default/web"
    health = {name: "Healthy", "v1/Pod/default/none": "Healthy"}
    case = {"id": "x", "objects": [live], "expected": {"health": health}}
    first, second = check(case)
    assert first.startswith(f"{name}: health: want 'Healthy', got ")
    assert "Unhealthy" in first
    assert second == "v1/Pod/default/none: health: want 'Healthy', got None"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"a": [1, "x", None]}, {"a": [1, "x", None]}, True),
        (1, 1.0, False),
        (1, True, False),
        ([1], [1, 2], False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": {"b": 0}}, {"a": {"b": False}}, False),
        ([], {}, False),
    ],
)
def test_values_are_the_same_with_their_types(one: object, other: object, is_same: bool) -> None:  # noqa: FBT001
    assert same(one, other) is is_same


def test_a_tally_counts_and_keeps_the_first_difference_of_a_case() -> None:
    tally = Tally()
    tally.add("a", [])
    tally.add("b", ["first", "second"])
    assert (tally.passed, tally.total, tally.differences) == (1, 2, ["b: first"])
