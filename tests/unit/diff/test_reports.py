"""SARIF and JUnit: results at the lines of the cause, cases that fail for risks."""

import posixpath
import xml.etree.ElementTree as ET
from functools import partial
from typing import Any

import msgspec

from armada_render.diff import Document, compare, document, junit_report, sarif_report, side_row
from armada_render.diff.model import Difference
from armada_render.errors import Problem
from armada_render.pipeline import Rendering
from tests.support.objects import config_map, deployment, policy
from tests.unit.diff.test_compare import placed, rendered, shown


def _found() -> Document:
    def fleet(replicas: int, value: str) -> Rendering:
        item = {**config_map("x"), "data": {"key": value}}
        return rendered(deployment("web", replicas), placed("web", "m1"), item, policy("all"))

    return shown(compare(fleet(2, "a"), fleet(0, "b")))


def _sarif(found: Document, folder: str = "fleet") -> Any:
    text = sarif_report(found, partial(posixpath.join, folder), tool="armada-render", version="1")
    return msgspec.json.decode(text)["runs"][0]


def _places(run: Any) -> list[tuple[str, str, str, int]]:
    rows = []
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        rows.append(
            (
                result["ruleId"],
                result["level"],
                place["artifactLocation"]["uri"],
                place["region"]["startLine"],
            )
        )
    return rows


def test_results_stand_at_the_line_that_brought_them_about() -> None:
    assert _places(_sarif(_found())) == [
        ("scaled-to-zero", "warning", "fleet/deployment-web.yaml", 1),
        ("placement-changed", "note", "fleet/deployment-web.yaml", 1),
        ("object-changed", "note", "fleet/deployment-web.yaml", 1),
        ("object-changed", "note", "fleet/configmap-x.yaml", 1),
    ]


def test_paths_are_relative_to_the_top_of_the_repository() -> None:
    uris = {uri for _, _, uri, _ in _places(_sarif(_found(), folder=""))}
    assert uris == {"deployment-web.yaml", "configmap-x.yaml"}


def test_what_goes_stands_where_it_stood() -> None:
    before = rendered(deployment("web"), placed("web", "m1"), config_map("x"), policy("all"))
    after = rendered(config_map("x"), policy("all"))
    places = _places(_sarif(shown(compare(before, after))))
    assert ("last-copy-removed", "error", "fleet/deployment-web.yaml", 1) in places


def test_a_side_that_cannot_be_rendered_is_a_failure_of_the_run() -> None:
    head = side_row("", "", [Problem(message="is broken")], withheld=True)
    found = document(Difference(), base=side_row("main", "1" * 40), head=head, key=b"")
    run = _sarif(found)
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (suite,) = _suites(found)
    assert suite.get("name") == "renders"
    assert [(case.get("name"), len(case)) for case in suite] == [("base", 0), ("head", 1)]
    assert "is broken" in ET.tostring(suite, encoding="unicode")


def _suites(found: Document) -> list[ET.Element]:
    root = ET.fromstring(junit_report(found, partial(posixpath.join, "fleet"), name="diff"))
    return list(root)


def test_rules_are_cases_that_fail_and_changes_are_cases_that_pass() -> None:
    renders, risks, changes = _suites(_found())
    assert (renders.get("tests"), renders.get("errors")) == ("2", "0")
    failed = [case.get("name") for case in risks if case.find("failure") is not None]
    assert failed == ["scaled-to-zero"]
    assert (changes.get("tests"), changes.get("failures")) == ("3", "0")
    texts = [case.findtext("system-out") or "" for case in changes]
    assert "Deployment/web (default): 2 → 0 replicas; on m1" in texts[0]


def test_withheld_resources_are_errors_of_their_own() -> None:
    before = rendered(deployment("web"), placed("web", "m1"))
    after = rendered(deployment("web"), placed("web", "nowhere"))
    suites = {suite.get("name"): suite for suite in _suites(shown(compare(before, after)))}
    assert suites["withheld"].get("errors") == "1"
    assert suites["risks"].get("failures") == "0"
