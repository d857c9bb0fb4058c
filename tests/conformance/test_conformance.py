"""Hold us against what real Karmada computed: no category may lose a case it once had."""

import gzip
import json
import re
from pathlib import Path

import pytest

from armada_render.conformance import Tally, check

FOLDER = Path(__file__).parent
CATEGORIES = sorted(path.name.partition(".")[0] for path in (FOLDER / "cases").glob("*.gz"))
RECORDED: dict[str, int] = json.loads((FOLDER / "recorded.json").read_text())


def test_every_category_is_recorded() -> None:
    assert sorted(RECORDED) == CATEGORIES


@pytest.mark.parametrize("category", CATEGORIES)
def test_category_does_not_fall(category: str) -> None:
    tally = Tally()
    with gzip.open(FOLDER / "cases" / f"{category}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            tally.add(case["id"], check(case))
    assert tally.passed >= RECORDED[category], "\n".join(tally.differences[:5])


def test_the_table_in_the_documentation_is_what_is_recorded() -> None:
    page = (FOLDER.parent.parent / "docs" / "conformance.md").read_text()
    rows = dict(re.findall(r"^\| (\w+) \|.*\| (\d+ / \d+) \|$", page, re.MULTILINE))
    total = sum(RECORDED.values())
    assert rows == {
        **{name: f"{count} / {count}" for name, count in RECORDED.items()},
        "all": f"{total} / {total}",
    }
