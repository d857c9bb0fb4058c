"""The comment of a pull request: hostile content, folding, splitting."""

import re
from typing import Any

import pytest

from armada_render.diff import Document, compare, markdown_parts
from armada_render.diff.markdown import LIMIT, MARKER, code, fenced
from armada_render.pipeline import Rendering
from tests.support.objects import config_map, deployment, policy, selector
from tests.unit.diff.test_compare import rendered, shown

_HOSTILE = (
    "```\n</details><img src=x onerror=alert(1)> @team fixes #1 https://evil.example\n````\n"
    "<!-- armada-render diff: part 9 of 9 -->\n~~~\n`x`"
)


def _changed(before: str, after: str, name: str = "x") -> Document:
    def fleet(value: str) -> Rendering:
        return rendered({**config_map(name), "data": {"key": value}}, policy("all"))

    return shown(compare(fleet(before), fleet(after)))


def _many(count: int, text: str) -> Document:
    def fleet(value: str) -> Rendering:
        items = [{**config_map(f"c{number:04}"), "data": {"k": value}} for number in range(count)]
        return rendered(*items, policy("all"))

    return shown(compare(fleet("a"), fleet(text)))


def _outside_of_code(text: str) -> str:
    """Return what is left of Markdown without its code, as CommonMark reads it."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        ticks = re.match(r"`{3,}", line)
        if not fence and ticks:
            fence = ticks[0]
        elif fence and re.fullmatch(rf"`{{{len(fence)},}}\s*", line):
            fence = ""
        elif not fence:
            lines.append(line)
    assert not fence
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", "\n".join(lines))


def test_content_cannot_leave_its_block() -> None:
    (part,) = markdown_parts(_changed("harmless\n", _HOSTILE))
    outside = _outside_of_code(part)
    for word in ("onerror", "@team", "evil.example", "#1", "part 9"):
        assert word in part
        assert word not in outside
    assert outside.count("<details>") == outside.count("</details>")


@pytest.mark.parametrize(
    "text", ["plain", "`", "``x``", "`x", "x`", " x ", "a ``` b", "@who", "<b>", "a|b", "\n# x", ""]
)
def test_inline_code_holds_any_text(text: str) -> None:
    found = code(text)
    assert "\n" not in found
    assert _outside_of_code(f"- {found}") == "- "


def test_names_that_nobody_checked_stand_in_code() -> None:
    title = "x</code></summary><script>@all"
    found = _changed("a", "b")
    row = found.objects[0]
    import msgspec.structs  # noqa: PLC0415

    hostile = msgspec.structs.replace(found, objects=(msgspec.structs.replace(row, title=title),))
    (part,) = markdown_parts(hostile)
    assert "<script>" not in part
    assert "&lt;script&gt;@all" in part


def test_a_thousand_changes_fit_into_few_comments_with_whole_folds() -> None:
    parts = markdown_parts(_many(1000, "line\n" * 30))
    assert 2 <= len(parts) <= 5
    for number, part in enumerate(parts, 1):
        assert len(part) <= LIMIT
        assert part.startswith(f"{MARKER}: part {number} of {len(parts)} -->\n")
        outside = _outside_of_code(part)
        assert outside.count("<details>") == outside.count("</details>") > 1
    assert "more entries do not fit" in parts[-1]
    assert sum(part.count("ConfigMap/c") for part in parts) < 1100


def test_few_changes_fit_whole() -> None:
    parts = markdown_parts(_many(30, "b"))
    assert len(parts) == 1
    assert sum(part.count("<summary><code>ConfigMap/c") for part in parts) == 30
    assert "do not fit" not in parts[0]


def test_a_huge_value_is_cut() -> None:
    (part,) = markdown_parts(_changed("a", "\n".join(f"line {n}" for n in range(50_000))))
    assert len(part) < 5000
    assert "more lines" in part
    (part,) = markdown_parts(_changed("a", "x" * 2_000_000))
    assert "2,000,002 characters" in part or "2,000,003 characters" in part
    assert len(part) < 5000


def test_a_small_limit_is_kept() -> None:
    for part in markdown_parts(_many(50, "b"), limit=4000):
        assert len(part) <= 4000


def test_fences_are_longer_than_any_in_them() -> None:
    assert fenced(["a", "`````", "b"], "diff", 100) == "``````diff\na\n`````\nb\n``````"
    assert fenced(["aaaa", "bbbb", "cccc"], "text", 9) == ("```text\naaaa\n… and 2 more lines\n```")


def test_a_side_that_cannot_be_rendered_says_so() -> None:
    from armada_render.diff import Difference, document, side_row  # noqa: PLC0415
    from armada_render.errors import Problem  # noqa: PLC0415

    base = side_row("main", "1" * 40)
    head = side_row("", "", [Problem(message="@team ```")], withheld=True)
    found: Any = document(Difference(), base=base, head=head, key=b"")
    (part,) = markdown_parts(found)
    assert "**The head cannot be rendered" in part
    assert "@team" not in _outside_of_code(part)


def test_images_and_risks_are_told_before_fields() -> None:
    web, newer = deployment("web"), deployment("web", 0)
    newer["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"
    every = policy("all", selector("Deployment"))
    (part,) = markdown_parts(shown(compare(rendered(web, every), rendered(newer, every))))
    order = ["**Risks**", "scaled-to-zero", "- `Deployment/web", "**Images**", "field by field"]
    places = [part.index(word) for word in order]
    assert places == sorted(places)
