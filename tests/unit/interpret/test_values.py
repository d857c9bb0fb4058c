"""Dependencies are checked and unified; errors say where they come from."""

import pytest

from armada_render.interpret.values import DependentObject, InterpretError, checked, union
from armada_render.model.selector import LabelSelector, SelectorRequirement

SECRET = DependentObject(api_version="v1", kind="Secret", namespace="n", name="s")
CONFIG_MAP = DependentObject(api_version="v1", kind="ConfigMap", namespace="n", name="c")
SELECTED = DependentObject(
    api_version="v1",
    kind="Secret",
    namespace="n",
    label_selector=LabelSelector(match_labels={"a": "b"}),
)


def test_a_union_is_sorted_and_holds_each_named_object_once() -> None:
    assert union([SECRET, CONFIG_MAP, SECRET]) == (CONFIG_MAP, SECRET)


def test_dependencies_with_a_label_selector_never_collapse() -> None:
    assert union([SELECTED, SELECTED]) == (SELECTED, SELECTED)


@pytest.mark.parametrize(
    ("dependency", "message"),
    [
        (DependentObject(api_version="", kind="Secret", name="s"), "apiVersion is missing"),
        (DependentObject(api_version="v1", kind="", name="s"), "kind is missing"),
        (DependentObject(api_version="v1", kind="Secret"), "neither a name nor a labelSelector"),
        (
            DependentObject(
                api_version="v1",
                kind="Secret",
                label_selector=LabelSelector(
                    match_expressions=(SelectorRequirement(key="a", operator="Near"),)
                ),
            ),
            "labelSelector is not a valid label selector",
        ),
    ],
)
def test_a_dependency_that_names_nothing_is_refused(
    dependency: DependentObject, message: str
) -> None:
    with pytest.raises(InterpretError, match=message):
        checked([SECRET, dependency])


def test_what_names_an_object_is_accepted() -> None:
    assert checked([SECRET, SELECTED]) == [SECRET, SELECTED]


def test_an_error_names_the_customization_it_comes_from() -> None:
    error = InterpretError("boom", customization="mine", operation="replicaResource", line=3)
    assert str(error) == "ResourceInterpreterCustomization mine, replicaResource, line 3: boom"
    assert str(InterpretError("boom")) == "boom"


def test_a_dependency_prints_as_a_reference() -> None:
    assert str(SECRET) == "v1/Secret/n/s"
    assert str(SELECTED) == "v1/Secret/n/(label selector)"
