"""JUnit XML that parses, whatever a repository holds, and counts what it says."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armada_render.emit.junit import Case, cases_of_rules, junit
from armada_render.errors import SourceLocation
from armada_render.model.result import Level, Result, Rule


def _result(**fields: Any) -> Result:
    return Result(**{"rule": "a", "level": Level.ERROR, "message": "wrong", **fields})


def _parsed(*cases: Case) -> ET.Element:
    return ET.fromstring(junit("armada-render", cases))


def test_a_failure_has_file_line_and_all_results() -> None:
    first = _result(location=SourceLocation("a.yaml", 7), resource="v1/Service//a", hint="mend it")
    root = _parsed(Case(group="lint", name="a", failures=(first, _result(message="also"))))
    case = root.find("testsuite/testcase")
    assert case is not None
    assert case.attrib == {"name": "a", "classname": "lint", "file": "a.yaml", "line": "7"}
    (failure,) = case
    assert failure.attrib == {"message": "wrong (and 1 more)", "type": "error"}
    assert failure.text == ("error: a.yaml:7: v1/Service//a: wrong\n  hint: mend it\nerror: also")


def test_counts_are_those_of_cases() -> None:
    root = _parsed(
        Case(group="x", name="1"),
        Case(group="x", name="2", failures=(_result(), _result())),
        Case(group="y", name="3", error="broken\nat length"),
        Case(group="y", name="4", skipped="not asked"),
        Case(group="x", name="5", notes=(_result(level=Level.NOTE),)),
    )
    counts = {"tests": "5", "failures": "1", "errors": "1", "skipped": "1"}
    assert root.attrib == {"name": "armada-render", **counts}
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("x", "3"), ("y", "2")]
    assert [[child.tag for child in case] for case in root.iter("testcase")] == [
        [],
        ["failure"],
        ["system-out"],
        ["error"],
        ["skipped"],
    ]
    error = root.find(".//error")
    assert error is not None
    assert (error.get("message"), error.text) == ("broken", "broken\nat length")


def test_each_rule_is_a_case() -> None:
    rules = (Rule(id="a", summary="A"), Rule(id="b", summary="B"))
    below = _result(rule="b", level=Level.NOTE)
    assert cases_of_rules("lint", rules, [_result()], [below]) == (
        Case(group="lint", name="a", failures=(_result(),)),
        Case(group="lint", name="b", notes=(below,)),
    )


@pytest.mark.parametrize(
    "hostile", ["]]><x/>", "&lol;", '"><failure/>', "<!--", "\x00\x1b[31m\ufffe"]
)
def test_hostile_content_is_text(hostile: str) -> None:
    result = _result(message=hostile, resource=hostile)
    root = _parsed(Case(group=hostile, name=hostile, failures=(result,), notes=(result,)))
    assert [element.tag for element in root.iter()] == [
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "system-out",
    ]


@given(st.text())
def test_any_text_comes_back_but_for_what_xml_cannot_hold(text: str) -> None:
    root = _parsed(Case(group="g", name=text, skipped=text, error=text))
    case = root.find("testsuite/testcase")
    assert case is not None
    held = "".join(
        char
        for char in text
        if char in "\t\n\r"
        or "\x20" <= char <= "\ud7ff"
        or "\ue000" <= char <= "\ufffd"
        or char >= "\U00010000"
    )
    assert case.get("name", "") == held
