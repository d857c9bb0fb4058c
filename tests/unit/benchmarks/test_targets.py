"""The programs of the benchmarks run, on tiny fleets: they cannot rot between two measurements."""

import json
from pathlib import Path

import pytest

from armada_render.yamlio import load_documents
from benchmarks import fleet, growth, targets
from benchmarks.targets import Row, Target


def test_the_table_has_a_row_for_each_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    out = tmp_path / "rows.json"

    targets.main(["--apps", "2", "--clusters", "2", "--runs", "1", "--json", str(out)])

    rows = json.loads(out.read_text())
    assert len([row for row in rows if row["target"]]) == 8
    assert all(row["value"] > 0 for row in rows)
    printed = capsys.readouterr().out
    for row in rows:
        assert row["metric"] in printed


@pytest.mark.parametrize(
    ("value", "target", "words"),
    [
        (5.0, Target(10, 6), "must <= 10 met          stretch <= 6 met"),
        (8.0, Target(10, 6), "must <= 10 met          stretch <= 6 MISSED"),
        (19.0, Target(20, 40, more=True), "must >= 20 MISSED       stretch >= 40 MISSED"),
        (None, Target(20, more=True), "must >= 20"),
        (3.0, None, "3.00"),
    ],
)
def test_a_row_says_whether_its_target_is_met(
    value: float | None, target: Target | None, words: str
) -> None:
    assert Row("ratio", value, "", target).line().endswith(words)


def test_usual_objects_are_as_large_as_those_of_a_company() -> None:
    small, usual = fleet.app_text(7), fleet.app_text(7, fleet.USUAL)

    assert [one.value["kind"] for one in load_documents(usual.encode())] == [
        one.value["kind"] for one in load_documents(small.encode())
    ]
    assert 1_300 < len(usual) / 5 < 1_500


def test_growth_in_proportion_has_the_exponent_one() -> None:
    words = growth.exponents(growth.Point(10, 0.5, 30), growth.Point(100, 5, 30))

    assert words == "grows with size^1.00, memory with size^0.00"
