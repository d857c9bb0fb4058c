"""SARIF that code scanning takes: by the schema, with paths, lines and fingerprints that last."""

import json
from typing import Any

import pytest
from jsonschema import (  # type: ignore[import-untyped]  # ships no types
    Draft202012Validator,
)

from armada_render.emit.sarif import fingerprint, sarif, uri
from armada_render.errors import Problem, SourceLocation
from armada_render.model.result import Level, Result, Rule
from tests.support.sarif_schema import SCHEMA

RULES = (
    Rule(id="first", summary="The first", level=Level.ERROR, fix="Mend it."),
    Rule(id="second", summary="The second", help_uri="https://docs.example.com/lint#second"),
)


def _result(**fields: Any) -> Result:
    return Result(**{"rule": "second", "level": Level.WARNING, "message": "wrong", **fields})


def _run(*results: Result, **more: Any) -> dict[str, Any]:
    document = json.loads(sarif(results, RULES, tool="armada-render", version="1", **more))
    Draft202012Validator(SCHEMA).validate(document)
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_a_result_names_its_rule_and_place() -> None:
    location = SourceLocation("web/policy.yaml", 12, 3)
    (found,) = _run(_result(location=location, resource="v1/Service/a/b", field="spec"))["results"]
    assert (found["ruleId"], found["ruleIndex"], found["level"]) == ("second", 1, "warning")
    assert found["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "web/policy.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12, "startColumn": 3},
            },
            "logicalLocations": [{"fullyQualifiedName": "v1/Service/a/b: spec"}],
        }
    ]


def test_rules_are_described_whether_they_found_something_or_not() -> None:
    rules = _run()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["first", "second"]
    assert rules[0]["help"]["text"] == "The first\n\nMend it."
    assert rules[0]["defaultConfiguration"] == {"level": "error"}
    assert "helpUri" not in rules[0]
    assert rules[1]["helpUri"] == "https://docs.example.com/lint#second"


def test_what_could_not_be_looked_at_is_a_notification_and_no_success() -> None:
    problem = Problem(message="no YAML", location=SourceLocation("a.yaml", 3), hint="mend it")
    (invocation,) = _run(failures=[problem])["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "no YAML\nmend it"
    assert _run()["invocations"] == [{"executionSuccessful": True}]


def test_fingerprints_last_when_lines_and_messages_change() -> None:
    before = _result(location=SourceLocation("a.yaml", 3), message="4 of 5", resource="x", key="c1")
    after = _result(location=SourceLocation("a.yaml", 90), message="5 of 5", resource="x", key="c1")
    assert fingerprint(before) == fingerprint(after)


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "first"},
        {"location": SourceLocation("b.yaml", 3)},
        {"resource": "y"},
        {"field": "spec"},
        {"key": "c2"},
    ],
)
def test_fingerprints_tell_results_apart(change: dict[str, Any]) -> None:
    fields = {"location": SourceLocation("a.yaml", 3), "resource": "x", "key": "c1"}
    assert fingerprint(_result(**fields)) != fingerprint(_result(**(fields | change)))


def test_equal_fingerprints_are_numbered() -> None:
    results = _run(_result(message="one"), _result(message="two"))["results"]
    prints = [item["partialFingerprints"]["primaryLocationLineHash"] for item in results]
    assert [text.rpartition(":")[2] for text in prints] == ["1", "2"]
    assert len({text.rpartition(":")[0] for text in prints}) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("web/policy.yaml", "web/policy.yaml"),
        ("a b/50%.yaml", "a%20b/50%25.yaml"),
        ("javascript:alert(1).yaml", "javascript%3Aalert(1).yaml"),
        ("grün.yaml", "gr%C3%BCn.yaml"),
        ("bad\udcff.yaml", "bad%FF.yaml"),
        ('"<x>?#.yaml', "%22%3Cx%3E%3F%23.yaml"),
    ],
)
def test_paths_become_uris(path: str, expected: str) -> None:
    assert uri(path) == expected


def test_hostile_text_stays_text() -> None:
    (found,) = _run(_result(message='"}],"x":["\x00\ud800\n', resource="\udcff"))["results"]
    assert found["message"]["text"] == '"}],"x":["\x00\\ud800\n'
    assert found["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "\\udcff"}]}]


def test_a_result_of_an_unknown_rule_is_a_bug() -> None:
    with pytest.raises(KeyError, match="third"):
        _run(_result(rule="third"))


def test_the_schema_refuses_what_is_misspelt() -> None:
    document = json.loads(sarif([_result()], RULES, tool="armada-render", version="1"))
    document["runs"][0]["results"][0]["ruleID"] = "second"
    assert not Draft202012Validator(SCHEMA).is_valid(document)
