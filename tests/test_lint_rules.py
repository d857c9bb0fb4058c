"""Every rule of lint has two small fleets: one where it finds something, one with that mended.

They are the examples of docs/lint.md; here each is also switched off in every way there is.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from armada_render.cli import run
from armada_render.lint import RULES
from armada_render.yamlio import dumps

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "lint"
ALONE = {rule for rule in RULES if (EXAMPLES / rule / "bad" / "clusters.yaml").exists()}


def _lint(
    folder: Path, rule: str, capsys: pytest.CaptureFixture[str], *more: str
) -> list[dict[str, Any]]:
    inventory = [] if rule in ALONE else ["--clusters", str(EXAMPLES / "clusters")]
    run(["-q", "lint", str(folder), *inventory, "-o", "json", "--severity", "note", *more])
    document = msgspec.json.decode(capsys.readouterr().out)
    results = document["results"]
    assert isinstance(results, list)
    return results


@pytest.mark.parametrize("rule", RULES)
def test_the_bad_example_is_found_and_nothing_else(
    rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _lint(EXAMPLES / rule / "bad", rule, capsys)
    assert [one["rule"] for one in found] == [rule]
    (one,) = found
    assert one["file"]
    assert one["line"] > 0
    assert one["hint"]


@pytest.mark.parametrize("rule", RULES)
def test_the_good_example_is_quiet(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _lint(EXAMPLES / rule / "good", rule, capsys) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_comment_above_the_object_switches_it_off(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy(rule, tmp_path)
    (found,) = _lint(folder, rule, capsys)
    _comment(folder / found["file"], found["line"], f"# armada-render: ignore {rule}, other (why)")
    assert _lint(folder, rule, capsys) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_comment_about_another_rule_does_not(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy(rule, tmp_path)
    (found,) = _lint(folder, rule, capsys)
    _comment(folder / found["file"], found["line"], f"# armada-render: ignore not-{rule}")
    assert len(_lint(folder, rule, capsys)) == 1


@pytest.mark.parametrize("rule", RULES)
def test_the_settings_switch_it_off_or_change_its_level(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _copy(rule, tmp_path)
    (found,) = _lint(folder, rule, capsys)
    for settings, levels in (
        ({"rules": {rule: "ignore"}}, []),
        ({"rules": {rule: "error"}}, ["error"]),
        ({"rules": {rule: "note"}}, ["note"]),
        ({"exempt": [{"paths": ["*.yaml"], "rules": [rule]}]}, []),
        ({"exempt": [{"paths": ["*.yaml"]}]}, []),
        ({"exempt": [{"paths": ["elsewhere/**"]}]}, [found["level"]]),
    ):
        (folder / "armada.yaml").write_text(dumps({"lint": settings}))
        assert [one["level"] for one in _lint(folder, rule, capsys)] == levels


def _copy(rule: str, tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    shutil.copytree(EXAMPLES / rule / "bad", folder)
    return folder


def _comment(file: Path, line: int, comment: str) -> None:
    """Write a comment at the start of the document that holds a line."""
    lines = file.read_text().splitlines()
    start = max((n for n, text in enumerate(lines[:line], start=1) if text == "---"), default=0)
    file.write_text("\n".join([*lines[:start], comment, *lines[start:], ""]))


def test_every_rule_has_its_section_in_the_documentation() -> None:
    page = (ROOT / "docs" / "lint.md").read_text()
    table = re.findall(r"^\| \[([a-z-]+)\]\(#[a-z-]+\) \| (\w+) \| (.*) \|$", page, re.MULTILINE)
    assert sorted(table) == sorted((rule.id, rule.level, rule.summary) for rule in RULES.values())
    sections = re.split(r"^### ", page, flags=re.MULTILINE)[1:]
    assert [section.split("\n", 1)[0] for section in sections] == [rule for rule, _, _ in table]
    for section in sections:
        rule = RULES[section.split("\n", 1)[0]]
        assert f"Level: {rule.level}. {rule.summary}." in section
        assert f"Fix: {rule.fix}." in section
        for which in ("bad", "good"):
            assert f"armada-render -q lint examples/lint/{rule.id}/{which}" in section


def test_every_example_is_a_rules() -> None:
    folders = {path.name for path in EXAMPLES.iterdir()}
    assert folders == {*RULES, "clusters"}


def test_the_example_fleet_is_quiet_but_for_notes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(ROOT / "examples" / "app-manifests"), "--severity", "note"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"nothing found by {len(RULES)} rules\n")
