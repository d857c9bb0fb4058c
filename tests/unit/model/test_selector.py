"""Selectors (k8s.io/apimachinery/pkg/labels/selector.go, pkg/util/selector.go of Karmada)."""

import pytest

from armada_render.model.resource import ObjectReference
from armada_render.model.selector import (
    ClusterAffinity,
    FieldSelector,
    ImplicitPriority,
    LabelSelector,
    ResourceSelector,
    SelectorRequirement,
    label_value_error,
    meets,
    qualified_name_error,
    why_unmet,
)

REF = ObjectReference("apps/v1", "Deployment", "shop", "web")


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("env", ""),
        ("app.kubernetes.io/name", ""),
        ("A_b.c-9", ""),
        ("a/b/c", "must have at most one '/'"),
        ("/name", "the prefix before '/' must not be empty"),
        ("a" * 254 + "/name", "the prefix before '/' must be no more than 253 bytes"),
        (
            "Example.com/name",
            "the prefix before '/' must be a lower-case DNS subdomain such as example.com",
        ),
        ("", "the name part must not be empty"),
        ("example.com/", "the name part must not be empty"),
        ("a" * 64, "the name part must be no more than 63 bytes"),
        (
            "-a",
            (
                "the name part must consist of letters, digits, '-', '_' or '.', "
                "and start and end with a letter or digit"
            ),
        ),
    ],
)
def test_keys_are_qualified_names(key: str, error: str) -> None:
    assert qualified_name_error(key) == error


@pytest.mark.parametrize(
    ("value", "is_valid"),
    [("", True), ("a", True), ("A_1.b-c", True), ("a" * 63, True), ("a" * 64, False)]
    + [(value, False) for value in ("-a", "a.", "a b", "a/b", "größe", "../a", "a\n")],
)
def test_label_values(value: str, is_valid: bool) -> None:  # noqa: FBT001
    assert (label_value_error(value) == "") is is_valid


@pytest.mark.parametrize(
    ("operator", "values", "labels", "is_met"),
    [
        ("In", {"a", "b"}, {"k": "b"}, True),
        ("In", {"a"}, {"k": "b"}, False),
        ("In", {"a"}, {}, False),
        ("NotIn", {"a"}, {"k": "b"}, True),
        ("NotIn", {"a"}, {"k": "a"}, False),
        ("NotIn", {"a"}, {}, True),
        ("Exists", set(), {"k": ""}, True),
        ("Exists", set(), {}, False),
        ("DoesNotExist", set(), {}, True),
        ("DoesNotExist", set(), {"k": ""}, False),
    ],
)
def test_operators(operator: str, values: set[str], labels: dict[str, str], is_met: bool) -> None:  # noqa: FBT001
    assert meets([("k", operator, frozenset(values))], labels) is is_met


def test_an_empty_selector_matches_everything() -> None:
    assert LabelSelector().matches({})
    assert LabelSelector().matches({"a": "b"})


def test_labels_and_expressions_must_all_be_met() -> None:
    selector = LabelSelector(
        match_labels={"env": "prod"},
        match_expressions=(SelectorRequirement("tier", "In", ("web", "api")),),
    )
    assert selector.matches({"env": "prod", "tier": "web"})
    assert not selector.matches({"env": "prod", "tier": "db"})
    assert not selector.matches({"tier": "web"})


def test_requirements_stand_by_key_whatever_the_order_in_the_file() -> None:
    selector = LabelSelector(
        match_labels={"c": "1", "a": "1"},
        match_expressions=(SelectorRequirement("b", "Exists"),),
    )
    assert selector.requirements() == (
        ("a", "In", frozenset(("1",))),
        ("b", "Exists", frozenset()),
        ("c", "In", frozenset(("1",))),
    )


@pytest.mark.parametrize(
    "selector",
    [
        LabelSelector(match_labels={"-": "a"}),
        LabelSelector(match_labels={"a": "not valid"}),
        LabelSelector(match_expressions=(SelectorRequirement("a/b/c", "Exists"),)),
        LabelSelector(match_expressions=(SelectorRequirement("a", "In"),)),
        LabelSelector(match_expressions=(SelectorRequirement("a", "NotIn", ("ok", "not ok")),)),
        LabelSelector(match_expressions=(SelectorRequirement("a", "Exists", ("b",)),)),
        LabelSelector(match_expressions=(SelectorRequirement("a", "Gt", ("1",)),)),
    ],
)
def test_a_selector_that_kubernetes_refuses_matches_nothing(selector: LabelSelector) -> None:
    assert selector.requirements() is None
    assert not selector.matches({"a": "b"})


@pytest.mark.parametrize(
    ("selector", "priority"),
    [
        (ResourceSelector(api_version="apps/v1", kind="Deployment"), 1),
        (ResourceSelector(api_version="apps/v1", kind="Deployment", name="web"), 3),
        (ResourceSelector(api_version="apps/v1", kind="Deployment", name="api"), 0),
        (ResourceSelector(api_version="apps/v1", kind="Deployment", namespace="shop"), 1),
        (ResourceSelector(api_version="apps/v1", kind="Deployment", namespace="bank"), 0),
        (ResourceSelector(api_version="apps/v1beta1", kind="Deployment"), 0),
        (ResourceSelector(api_version="apps/v1", kind="StatefulSet"), 0),
    ],
)
def test_the_closer_a_selector_the_higher_its_priority(
    selector: ResourceSelector, priority: int
) -> None:
    assert selector.priority(REF, {}) is ImplicitPriority(priority)


def test_a_label_selector_counts_between_kind_and_name() -> None:
    selector = ResourceSelector(
        api_version="apps/v1",
        kind="Deployment",
        label_selector=LabelSelector(match_labels={"a": "b"}),
    )
    assert selector.priority(REF, {"a": "b"}) is ImplicitPriority.MATCH_LABEL
    assert selector.priority(REF, {}) is ImplicitPriority.MISMATCH


def test_name_wins_over_label_selector() -> None:
    selector = ResourceSelector(
        api_version="apps/v1",
        kind="Deployment",
        name="web",
        label_selector=LabelSelector(match_labels={"a": "b"}),
    )
    assert selector.priority(REF, {}) is ImplicitPriority.MATCH_NAME


def test_an_affinity_is_empty_when_it_selects_on_nothing() -> None:
    assert ClusterAffinity().is_empty
    assert not ClusterAffinity(cluster_names=("a",)).is_empty
    assert not ClusterAffinity(exclude=("a",)).is_empty
    assert not ClusterAffinity(label_selector=LabelSelector()).is_empty
    assert not ClusterAffinity(field_selector=FieldSelector()).is_empty


@pytest.mark.parametrize(
    ("operator", "values", "labels", "reason"),
    [
        ("In", {"x"}, {}, "label env=x is missing"),
        ("In", {"x", "y"}, {}, "label env is missing"),
        ("Exists", set(), {}, "label env is missing"),
        ("In", {"y", "x"}, {"env": "z"}, "label env is z, not x or y"),
        ("NotIn", {"z"}, {"env": "z"}, "label env is z"),
        ("DoesNotExist", set(), {"env": "z"}, "label env is there"),
    ],
)
def test_why_a_requirement_is_not_met(
    operator: str, values: set[str], labels: dict[str, str], reason: str
) -> None:
    requirement = ("env", operator, frozenset(values))
    assert not meets([requirement], labels)
    assert why_unmet(requirement, labels) == reason
