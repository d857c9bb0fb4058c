"""Every row of Karmada's override policy validation, each with a neighbour that is let in."""

from typing import Any

import pytest

from armada_render.admit import policies
from armada_render.model.decode import decode
from armada_render.model.override import OverridePolicy, OverrideSpec

PLAINTEXT = {"plaintext": [{"path": "no pointer", "operator": "add"}]}
BAD_FIELD = {"fieldSelector": {"matchExpressions": [{"key": "country", "operator": "In"}]}}
RULE: dict[str, Any] = {"overriders": {}}
NAME = (
    "the name part must consist of letters, digits, '-', '_' or '.', "
    "and start and end with a letter or digit"
)


def rejections(spec: dict[str, Any], *, namespace: str = "shop") -> list[tuple[str, str]]:
    decoded = decode(spec, OverrideSpec, at="spec")
    assert decoded.value is not None, decoded.problems
    policy = OverridePolicy(name="o", namespace=namespace, spec=decoded.value)
    problems = policies([], [policy]).rejected.get(policy.key, ())
    return [(problem.field, problem.message) for problem in problems]


def rule(**overriders: Any) -> dict[str, Any]:
    return {"overrideRules": [{"overriders": overriders}]}


def labels(operator: str, **value: str) -> dict[str, Any]:
    return rule(labelsOverrider=[{"operator": operator, "value": value}])


def annotations(**value: str) -> dict[str, Any]:
    return rule(annotationsOverrider=[{"operator": "add", "value": value}])


def image(path: str) -> dict[str, Any]:
    overrider = {"predicate": {"path": path}, "component": "Tag", "operator": "remove"}
    return rule(imageOverrider=[overrider])


def field(path: str = "/data/x", **patches: Any) -> dict[str, Any]:
    return rule(fieldOverrider=[{"fieldPath": path, **patches}])


ADD = {"subPath": "/a", "operator": "add", "value": 1}
REMOVE = {"subPath": "/a", "operator": "remove"}
AT = "spec.overrideRules[0].overriders"

REJECTED: dict[str, tuple[dict[str, Any], str, str]] = {
    "1-field-selector-of-the-deprecated-target": (
        {"targetCluster": BAD_FIELD},
        "spec.targetCluster.fieldSelector.matchExpressions[0].key",
        'no field selector knows the key "country"',
    ),
    "2-deprecated-target-and-rules": (
        {"targetCluster": {}, "overrideRules": [RULE]},
        "spec.targetCluster",
        "overrideRules and the deprecated targetCluster cannot both be set",
    ),
    "3-deprecated-overriders-and-rules": (
        {"overriders": PLAINTEXT, "overrideRules": [RULE]},
        "spec.overriders",
        "overrideRules and the deprecated overriders cannot both be set",
    ),
    "4-annotation-key": (
        annotations(**{"x.io/y~z": "v"}),
        f"{AT}.annotationsOverrider[0].value",
        f'"x.io/y~z" is no annotation key: {NAME}',
    ),
    "4-annotations-too-long": (
        annotations(a="é" * 131_072),
        f"{AT}.annotationsOverrider[0].value",
        "the annotations have 262145 bytes, more than the 262144 allowed",
    ),
    "5-label-key": (
        labels("add", **{"bad key": "v"}),
        f"{AT}.labelsOverrider[0].value",
        f'"bad key" is no label key: {NAME}',
    ),
    "5-label-value": (
        labels("replace", env="x" * 64),
        f"{AT}.labelsOverrider[0].value",
        'the value of "env" is no label value: must be no more than 63 bytes',
    ),
    "5-label-value-to-remove": (
        labels("remove", env="no good!"),
        f"{AT}.labelsOverrider[0].value",
        (
            'the value of "env" is no label value: must be empty or consist of letters, digits, '
            "'-', '_' or '.', and start and end with a letter or digit"
        ),
    ),
    "6-image-predicate": (
        image("spec/image"),
        f"{AT}.imageOverrider[0].predicate.path",
        "a JSON pointer must start with /",
    ),
    "7-json-and-yaml": (
        field(json=[ADD], yaml=[REMOVE]),
        f"{AT}.fieldOverrider[0]",
        "json and yaml cannot both be set",
    ),
    "8-neither-json-nor-yaml": (
        field(json=[]),
        f"{AT}.fieldOverrider[0]",
        "json or yaml must say what to change",
    ),
    "9-field-path": (
        field("data", yaml=[ADD]),
        f"{AT}.fieldOverrider[0].fieldPath",
        "a JSON pointer must start with /",
    ),
    "10-sub-path-of-json": (
        field(json=[ADD, {**ADD, "subPath": "a"}]),
        f"{AT}.fieldOverrider[0].json[1].subPath",
        "a JSON pointer must start with /",
    ),
    "10-sub-path-of-yaml": (
        field(yaml=[{**REMOVE, "subPath": "a"}]),
        f"{AT}.fieldOverrider[0].yaml[0].subPath",
        "a JSON pointer must start with /",
    ),
    "11-add-without-a-value": (
        field(json=[{"subPath": "/a", "operator": "add"}]),
        f"{AT}.fieldOverrider[0].json[0].value",
        "add needs a value, and null counts as none",
    ),
    "11-replace-by-null": (
        field(yaml=[{"subPath": "/a", "operator": "replace", "value": None}]),
        f"{AT}.fieldOverrider[0].yaml[0].value",
        "replace needs a value, and null counts as none",
    ),
    "12-remove-with-a-value": (
        field(json=[{**REMOVE, "value": False}]),
        f"{AT}.fieldOverrider[0].json[0].value",
        "remove takes no value",
    ),
    "13-field-selector-of-a-rule": (
        {"overrideRules": [RULE, {"targetCluster": BAD_FIELD, "overriders": {}}]},
        "spec.overrideRules[1].targetCluster.fieldSelector.matchExpressions[0].key",
        'no field selector knows the key "country"',
    ),
    "14-selector-of-another-namespace": (
        {"resourceSelectors": [{"apiVersion": "v1", "kind": "Secret", "namespace": "bank"}]},
        "spec.resourceSelectors[0].namespace",
        'selects namespace "bank", but the policy is in "shop"',
    ),
}

ADMITTED: dict[str, dict[str, Any]] = {
    "0-nothing-said": {},
    "1-deprecated-form": {"targetCluster": {"clusterNames": ["m1"]}, "overriders": PLAINTEXT},
    "2-an-empty-list-of-rules-is-none": {"targetCluster": {}, "overrideRules": []},
    "2-null-rules-are-none": {"targetCluster": {}, "overrideRules": None},
    "3-a-lone-field-overrider-does-not-count": {
        "overriders": {"fieldOverrider": [{"fieldPath": "nonsense"}]},
        "overrideRules": [RULE],
    },
    "3-empty-overriders-do-not-count": {
        "overriders": {"plaintext": []},
        "overrideRules": [RULE],
    },
    "4-case-of-annotation-keys": annotations(**{"X.IO/Y": "any value at all"}),
    "4-annotations-at-the-limit": annotations(a="x" * 262_143),
    "5-labels": labels("add", **{"x.io/a": "", "b": "c"}),
    "6-the-whole-document": image(""),
    "6-bad-escapes": image("/a~9"),
    "6-no-predicate": rule(imageOverrider=[{"component": "Tag", "operator": "add"}]),
    "11-false-is-a-value": field(json=[{**ADD, "value": False}]),
    "12-remove-without-a-value": field(yaml=[REMOVE, {**REMOVE, "value": None}]),
    "plaintext-is-not-looked-at": rule(**PLAINTEXT),
    "commands-are-not-looked-at": rule(
        commandOverrider=[{"containerName": "", "operator": "add"}],
        argsOverrider=[{"containerName": "a", "operator": "remove", "value": [""]}],
    ),
}


@pytest.mark.parametrize(("spec", "where", "message"), REJECTED.values(), ids=REJECTED.keys())
def test_rejects(spec: dict[str, Any], where: str, message: str) -> None:
    assert rejections(spec) == [(where, message)]


@pytest.mark.parametrize("spec", ADMITTED.values(), ids=ADMITTED.keys())
def test_admits(spec: dict[str, Any]) -> None:
    assert rejections(spec) == []


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("command", {"containerName": "c"}),
        ("args", {"containerName": "c"}),
        ("labels", {"value": {}}),
        ("annotations", {"value": {}}),
        ("image", {"component": "Tag"}),
    ],
)
def test_every_other_deprecated_overrider_counts(kind: str, item: dict[str, Any]) -> None:
    overriders = {f"{kind}Overrider": [{"operator": "remove", **item}]}
    spec = {"overriders": overriders, "overrideRules": [RULE]}

    assert [where for where, _ in rejections(spec)] == ["spec.overriders"]


@pytest.mark.parametrize("target", [{"targetCluster": {}}, {"overriders": PLAINTEXT}])
def test_an_empty_list_of_rules_counts_in_a_cluster_wide_policy(target: dict[str, Any]) -> None:
    assert rejections({**target, "overrideRules": []}, namespace="") != []
    assert rejections({**target, "overrideRules": None}, namespace="") == []


def test_a_cluster_wide_policy_selects_in_any_namespace() -> None:
    selector = {"apiVersion": "v1", "kind": "Secret", "namespace": "bank"}

    assert rejections({"resourceSelectors": [selector]}, namespace="") == []


def test_values_of_annotations_and_labels_stay_out_of_messages() -> None:
    spec = labels("add", token="hunter2 is secret") | annotations(**{"a b": "hunter2"})

    assert "hunter2" not in str(rejections(spec))
