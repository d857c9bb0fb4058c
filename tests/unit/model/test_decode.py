"""Strict decoding: what fits is decoded at once, what does not is explained in full."""

import sys
from typing import Any

import msgspec
import pytest

from armada_render.model.cluster import ClusterSpec, ClusterStatus
from armada_render.model.decode import (
    FieldPath,
    FieldProblem,
    ProblemKind,
    decode,
    format_path,
    parse_path,
)
from armada_render.model.override import OverrideSpec
from armada_render.model.placement import Placement, SchedulingType, SpreadField
from armada_render.model.policy import ConflictResolution, PropagationSpec, PurgeMode

SELECTOR = {"apiVersion": "apps/v1", "kind": "Deployment"}


def spec(**fields: Any) -> dict[str, Any]:
    return {"resourceSelectors": [SELECTOR], **fields}


def problems(document: object, type_: type[Any] = PropagationSpec) -> list[tuple[str, str, str]]:
    decoded = decode(document, type_, at="spec")
    return [(format_path(item.path), item.message, item.hint) for item in decoded.problems]


def placement(document: dict[str, Any]) -> Placement:
    decoded = decode(document, Placement)
    assert decoded.value is not None, decoded.problems
    return decoded.value


def test_what_fits_has_no_problems() -> None:
    decoded = decode(spec(placement={"spreadConstraints": [{"maxGroups": 2}]}), PropagationSpec)

    assert decoded.problems == ()
    assert decoded.value is not None
    assert decoded.value.placement.spread_constraints[0].max_groups == 2


FATAL: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "text-for-a-number": (
        spec(placement={"spreadConstraints": [{}, {"maxGroups": "2"}]}),
        "spec.placement.spreadConstraints[1].maxGroups",
        "expected a whole number, got text",
        "write it without quotes",
    ),
    "a-fraction-for-a-whole-number": (
        spec(priority=1.5),
        "spec.priority",
        "expected a whole number, got a number",
        "",
    ),
    "true-for-a-number": (
        spec(priority=True),
        "spec.priority",
        "expected a whole number, got true or false",
        "",
    ),
    "number-for-text": (
        spec(schedulerName=5),
        "spec.schedulerName",
        "expected text, got a whole number",
        "put it in quotes",
    ),
    "true-for-text-in-a-map": (
        spec(placement={"clusterAffinity": {"labelSelector": {"matchLabels": {"a.io/b": True}}}}),
        'spec.placement.clusterAffinity.labelSelector.matchLabels["a.io/b"]',
        "expected text, got true or false",
        "put it in quotes",
    ),
    "null-in-a-list": (
        spec(dependentOverrides=["a", None]),
        "spec.dependentOverrides[1]",
        "expected text, got null",
        'write "" if it is to be empty',
    ),
    "text-for-true": (
        spec(propagateDeps="true"),
        "spec.propagateDeps",
        "expected true or false, got text",
        "write it without quotes",
    ),
    "text-for-a-list": (
        spec(placement={"clusterAffinity": {"clusterNames": "m1"}}),
        "spec.placement.clusterAffinity.clusterNames",
        "expected a list, got text",
        "write it as a list item, after a dash",
    ),
    "list-for-an-object": (
        spec(placement=[{"clusterAffinity": {}}]),
        "spec.placement",
        "expected an object, got a list",
        "write its fields directly, without a dash",
    ),
    "text-for-an-optional-object": (
        spec(failover="fast"),
        "spec.failover",
        "expected an object, got text",
        "",
    ),
    "an-unknown-word": (
        spec(placement={"replicaScheduling": {"replicaSchedulingType": "Devided"}}),
        "spec.placement.replicaScheduling.replicaSchedulingType",
        '"Devided" is not one of Duplicated, Divided',
        'did you mean "Divided"?',
    ),
    "a-word-in-another-case": (
        spec(conflictResolution="overwrite"),
        "spec.conflictResolution",
        '"overwrite" is not one of Abort, Overwrite',
        'did you mean "Overwrite"?',
    ),
    "a-word-of-one": (
        spec(activationPreference="Eager"),
        "spec.activationPreference",
        '"Eager" is not one of Lazy',
        "",
    ),
    "a-number-for-a-word": (
        spec(preemption=1),
        "spec.preemption",
        "expected one of Always, Never, got a whole number",
        "",
    ),
    "a-required-field-is-missing": (
        spec(resourceSelectors=[{"apiVersion": "v1"}]),
        "spec.resourceSelectors[0].kind",
        "this field is required",
        "",
    ),
    "a-required-field-is-null": (
        spec(resourceSelectors=None),
        "spec.resourceSelectors",
        "this field is required",
        "",
    ),
    "an-empty-list": (
        spec(resourceSelectors=[]),
        "spec.resourceSelectors",
        "must have at least 1 item",
        "",
    ),
    "too-low": (
        spec(
            placement={
                "replicaScheduling": {
                    "weightPreference": {"staticWeightList": [{"targetCluster": {}, "weight": 0}]}
                }
            }
        ),
        "spec.placement.replicaScheduling.weightPreference.staticWeightList[0].weight",
        "must be at least 1",
        "",
    ),
    "too-high": (spec(priority=2**31), "spec.priority", "must be at most 2147483647", ""),
    "an-empty-affinity-name": (
        spec(placement={"clusterAffinities": [{"affinityName": ""}]}),
        "spec.placement.clusterAffinities[0].affinityName",
        "must have at least 1 character",
        "",
    ),
    "a-long-affinity-name": (
        spec(placement={"clusterAffinities": [{"affinityName": "a" * 33}]}),
        "spec.placement.clusterAffinities[0].affinityName",
        "must have at most 32 characters, has 33",
        "",
    ),
}


@pytest.mark.parametrize(("document", "path", "message", "hint"), FATAL.values(), ids=FATAL.keys())
def test_refuses(document: dict[str, Any], path: str, message: str, hint: str) -> None:
    assert problems(document) == [(path, message, hint)]
    assert decode(document, PropagationSpec).value is None


UNKNOWN: dict[str, tuple[dict[str, Any], str, str]] = {
    "a-letter-missing": (
        spec(placement={"clusterAffinity": {"clusterName": ["m1"]}}),
        "spec.placement.clusterAffinity.clusterName",
        'did you mean "clusterNames"?',
    ),
    "other-case": (spec(propagatedeps=True), "spec.propagatedeps", 'did you mean "propagateDeps"?'),
    "one-level-too-high": (
        spec(spreadConstraints=[]),
        "spec.spreadConstraints",
        'did you mean "placement.spreadConstraints"?',
    ),
    "one-level-too-high-of-an-optional-object": (
        spec(dispatching=True),
        "spec.dispatching",
        'did you mean "suspension.dispatching"?',
    ),
    "nothing-like-it": (
        spec(failover={"zebra": 1}),
        "spec.failover.zebra",
        "the fields here are application, cluster",
    ),
    "many-fields": (
        spec(zebra=1),
        "spec.zebra",
        (
            "the fields here are resourceSelectors, association, propagateDeps, placement, "
            "priority, preemption, dependentOverrides, schedulerName, failover, "
            "conflictResolution, activationPreference, suspension, ..."
        ),
    ),
}


@pytest.mark.parametrize(("document", "path", "hint"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_drops_unknown_fields_and_says_so(document: dict[str, Any], path: str, hint: str) -> None:
    decoded = decode(document, PropagationSpec, at="spec")

    (problem,) = decoded.problems
    assert format_path(problem.path) == path
    assert problem.message == f'unknown field "{problem.path[-1]}"'
    assert problem.hint == hint
    assert problem.kind is ProblemKind.UNKNOWN_FIELD
    assert not problem.fatal
    assert not problem.is_warning
    assert decoded.value is not None


def test_types_that_allow_more_fields_stay_silent() -> None:
    resource = {"kind": "Deployment", "name": "deployments", "namespaced": True}
    enablements = [{"groupVersion": "apps/v1", "resources": [resource]}]

    fitting = decode({"apiEnablements": enablements}, ClusterStatus)
    repaired = decode(
        {"apiEnablements": enablements, "nodeSummary": {}, "kubernetesVersion": None}, ClusterStatus
    )

    assert fitting.problems == repaired.problems == ()
    assert fitting.value == repaired.value is not None


def test_all_problems_come_in_the_order_of_the_document() -> None:
    document = {
        "priorty": 3,
        "placement": {"clusterAffinity": [], "spreadConstraints": [{"spreadByField": "planet"}]},
        "priority": "3",
    }

    assert [path for path, _, _ in problems(document)] == [
        "spec.priorty",
        "spec.placement.clusterAffinity",
        "spec.placement.spreadConstraints[0].spreadByField",
        "spec.priority",
        "spec.resourceSelectors",
    ]


@pytest.mark.parametrize("nothing", [None, [], "text", 3])
def test_a_document_that_is_no_object_is_refused(nothing: object) -> None:
    ((path, message, _),) = problems(nothing)

    assert path == "spec"
    assert message.startswith("expected an object, got ")


def test_null_counts_as_absent() -> None:
    value = placement(
        {
            "clusterAffinities": None,
            "clusterTolerations": [{"key": None, "tolerationSeconds": None}],
            "replicaScheduling": {"replicaSchedulingType": None},
        }
    )

    assert value.cluster_affinities == ()
    assert value.cluster_tolerations[0].key == ""
    assert value.scheduling_type is SchedulingType.DIVIDED


def test_null_inside_the_value_of_an_overrider_is_kept() -> None:
    patches = [
        {"path": "/a", "operator": "add", "value": {"keep": None, "list": [None]}},
        {"path": "/b", "operator": "add", "value": None},
    ]
    document = {"overrideRules": [{"targetCluster": None, "overriders": {"plaintext": patches}}]}

    decoded = decode({**document, "resourceSelectors": None}, OverrideSpec)

    assert decoded.problems == ()
    assert decoded.value is not None
    assert decoded.value.override_rules is not None
    (rule,) = decoded.value.override_rules
    assert rule.overriders.plaintext[0].value == {"keep": None, "list": [None]}
    assert rule.overriders.plaintext[1].value is None


def test_absent_and_empty_rules_are_told_apart() -> None:
    for rules, expected in ((None, None), ([], ())):
        decoded = decode({"overrideRules": rules, "resourceSelectors": None}, OverrideSpec)

        assert decoded.value is not None
        assert decoded.value.override_rules == expected


def test_whole_floats_are_whole_numbers() -> None:
    value = placement({"spreadConstraints": [{"maxGroups": 3.0}]})

    assert value.spread_constraints[0].max_groups == 3


def test_an_empty_word_counts_as_absent() -> None:
    decoded = decode(
        spec(
            conflictResolution="",
            placement={
                "spreadConstraints": [{"spreadByField": ""}],
                "replicaScheduling": {"replicaSchedulingType": ""},
            },
        ),
        PropagationSpec,
    )

    assert decoded.problems == ()
    assert decoded.value is not None
    assert decoded.value.conflict_resolution is ConflictResolution.ABORT
    assert decoded.value.placement.spread_constraints[0].spread_by_field is None
    assert decoded.value.placement.scheduling_type is SchedulingType.DIVIDED


def test_an_empty_word_that_is_required_is_refused() -> None:
    rule = {"overriders": {"plaintext": [{"path": "/a", "operator": ""}]}}

    assert problems({"overrideRules": [rule]}, OverrideSpec) == [
        (
            "spec.overrideRules[0].overriders.plaintext[0].operator",
            '"" is not one of add, remove, replace',
            "",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Immediately", PurgeMode.DIRECTLY), ("Graciously", PurgeMode.GRACEFULLY)],
)
def test_old_purge_modes_are_read_with_a_warning(old: str, new: PurgeMode) -> None:
    failover = {
        "application": {"decisionConditions": {}, "purgeMode": old},
        "cluster": {"purgeMode": old},
    }

    decoded = decode(spec(failover=failover), PropagationSpec, at="spec")

    assert decoded.value is not None
    assert decoded.value.failover is not None
    assert decoded.value.failover.application is not None
    assert decoded.value.failover.application.purge_mode is new
    assert decoded.value.failover.cluster is not None
    assert decoded.value.failover.cluster.purge_mode.value == new.value
    assert decoded.problems[0] == FieldProblem(
        path=("spec", "failover", "application", "purgeMode"),
        message=f'"{old}" is the old word for "{new}"; Karmada 1.19 removed it',
        hint=f"write purgeMode: {new}",
        kind=ProblemKind.OLD_SPELLING,
    )
    assert format_path(decoded.problems[1].path) == "spec.failover.cluster.purgeMode"
    assert all(problem.is_warning and not problem.fatal for problem in decoded.problems)


def test_quantities_are_text_or_numbers() -> None:
    summary = {"allocatable": {"cpu": 4, "memory": 1.5, "pods": "110", "gpu": ["1"]}}

    assert problems({"resourceSummary": summary}, ClusterStatus) == [
        ("spec.resourceSummary.allocatable.gpu", "expected text or a number, got a list", "")
    ]


def test_values_stay_out_of_messages() -> None:
    secret = "hunter2" * 20
    document = {
        "proxyHeader": {"Authorization": [secret]},
        "provider": [secret],
        "taints": secret,
        secret: 1,
    }

    messages = [message for _, message, _ in problems(document, ClusterSpec)]

    assert len(messages) == 4
    assert "hunter2" not in str(messages)
    assert "hunter2" not in str(problems(spec(preemption=secret))[0][1:])


def test_a_document_is_not_written_into() -> None:
    document = spec(placement=None, priority=3.0, unknown={"a": None})
    before = msgspec.json.encode(document)

    decode(document, PropagationSpec)

    assert msgspec.json.encode(document) == before


class Odd(msgspec.Struct):
    """A type of a kind that no document of ours has."""

    pair: tuple[int, int]
    names: list[str] = []
    limits: dict[str, int | None] = {}
    ratio: float = 0.0


def test_what_the_walk_cannot_explain_is_refused_all_the_same() -> None:
    assert problems({"pair": [1, "two"]}, Odd) == [
        ("spec", "Expected `int`, got `str` - at `$.pair[1]`", "")
    ]
    assert problems({"pair": [1, 2], "names": [3]}, Odd) == [
        ("spec.names[0]", "expected text, got a whole number", "put it in quotes")
    ]
    assert problems({"pair": [1, 2], "ratio": "1"}, Odd) == [
        ("spec.ratio", "expected a number, got text", "write it without quotes")
    ]


def test_null_is_kept_where_the_type_has_it() -> None:
    decoded = decode({"pair": [1, 2], "names": None, "limits": {"a": None, "b": 2.0}}, Odd)

    assert decoded.problems == ()
    assert decoded.value == Odd(pair=(1, 2), limits={"a": None, "b": 2})


def test_an_optional_word_survives_the_repair_of_its_neighbour() -> None:
    value = placement({"spreadConstraints": [{"spreadByField": "zone", "maxGroups": 1.0}]})

    assert value.spread_constraints[0].spread_by_field is SpreadField.ZONE


PATHS: list[tuple[FieldPath, str]] = [
    ((), ""),
    (("spec",), "spec"),
    (("spec", "rules", 0, "x-y"), "spec.rules[0].x-y"),
    (("spec", "matchLabels", "a.io/b", "c"), 'spec.matchLabels["a.io/b"].c'),
    ((0, "a", 12), "[0].a[12]"),
    (("a b", ""), '["a b"][""]'),
    (("a", 'quote"and\\slash]'), 'a["quote\\"and\\\\slash]"]'),
    (("a", "1"), 'a["1"]'),
    (("a", "line\nbreak"), 'a["line\nbreak"]'),
]


@pytest.mark.parametrize(("path", "text"), PATHS)
def test_paths_are_written_and_read(path: FieldPath, text: str) -> None:
    assert format_path(path) == text
    assert parse_path(text) == path


def test_what_explains_misfits_is_not_imported_for_what_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "armada_render.model.diagnose", None)

    assert decode({}, Placement).value == Placement()
    with pytest.raises(ImportError):
        decode({"unknown": 1}, Placement)
