"""A difference for the comment of a pull request: folded, cut to parts, safe to post. Pure.

Everything that comes from a repository stands in code: there Markdown, HTML, links and mentions
mean nothing, and fences are longer than any run of backticks in them.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from armada_render.diff.lines import diff_lines, marked_manifest
from armada_render.diff.rows import CauseRow, Document, ObjectRow, RiskRow, SideRow
from armada_render.diff.text import cause_texts, image_texts, object_text, withheld_texts
from armada_render.diff.words import ARROW, counted, on_clusters
from armada_render.errors import one_line

LIMIT = 65_536
"""Characters that the comment of a pull request may have on GitHub."""
MARKER = "<!-- armada-render diff"
"""What the first line of every part begins with."""

_MOST_PARTS = 5
_PLAIN_SENTENCES = 25
_MOST_CHARACTERS = 8_000
_MOST_CHARACTERS_FULL = 24_000
_RESERVE = 600
_FOLD = "<details><summary>{}</summary>\n\n"
_END = "\n\n</details>"
_RUN = re.compile("`+")


class _Block(Struct, frozen=True):
    """A piece that is never cut; pieces of the same `fold` are folded together under that name."""

    text: str
    fold: str = ""


def markdown_parts(found: Document, *, limit: int = LIMIT) -> list[str]:
    """Return the comments, one or several, each with at most `limit` characters."""
    parts: list[list[_Block]] = [[]]
    size = 0
    left_out = 0
    for block in _blocks(found):
        last = parts[-1][-1] if parts[-1] else None
        cost = len(block.text) + 2
        if block.fold and (last is None or last.fold != block.fold):
            cost += len(_FOLD) + len(block.fold) + len(_END)
        if left_out or (size + cost > limit - _RESERVE and len(parts) == _MOST_PARTS):
            left_out += 1
            continue
        if size + cost > limit - _RESERVE and parts[-1]:
            parts.append([])
            size = 0
            if block.fold and last is not None and last.fold == block.fold:
                cost += len(_FOLD) + len(block.fold) + len(_END)
        parts[-1].append(block)
        size += cost
    if left_out:
        text = f"{left_out:,} more entries do not fit: `armada-render diff` prints all of them."
        parts[-1].append(_Block(text))
    return [
        f"{MARKER}: part {number} of {len(parts)} -->\n{_joined(part)}\n"
        for number, part in enumerate(parts, 1)
    ]


def _joined(blocks: Sequence[_Block]) -> str:
    pieces: list[str] = []
    index = 0
    while index < len(blocks):
        fold = blocks[index].fold
        group = [blocks[index].text]
        while fold and index + 1 < len(blocks) and blocks[index + 1].fold == fold:
            index += 1
            group.append(blocks[index].text)
        text = _in_paragraphs(group)
        pieces.append(f"{_FOLD.format(fold)}{text}{_END}" if fold else text)
        index += 1
    return _in_paragraphs(pieces)


def _in_paragraphs(texts: Iterable[str]) -> str:
    """Join texts by empty lines, but keep the items of a list together."""
    joined = ""
    for text in texts:
        is_item = text.startswith("- ") and joined.rpartition("\n\n")[2].startswith("- ")
        joined += ("\n" if is_item else "\n\n" if joined else "") + text
    return joined


def _blocks(found: Document) -> Iterator[_Block]:
    yield _Block(f"### armada-render: {_heading(found)}")
    yield _Block(f"{code(found.base.name)} {ARROW} {code(found.head.name)}")
    for note in found.notes:
        yield _Block(f"Note: {code(note)}")
    for side, word in ((found.base, "base"), (found.head, "head")):
        if side.withheld:
            yield _withheld_side(side, word)
    yield from _titled("**Risks**", (_risk(risk) for risk in found.risks))
    yield from _titled(
        "**What moves**",
        (
            "\n".join([f"- {code(headline.text)}", *_causes(headline.causes)])
            for headline in found.headlines
        ),
    )
    yield from _titled("**Images**", (f"- {code(text)}" for text in image_texts(found)))
    yield from _titled("**Withheld**", (f"- {code(text)}" for text in withheld_texts(found)))
    rows = [row for row in found.objects if row.change == "changed" or row.manifests]
    fold = f"{counted(len(rows), 'change')}, field by field"
    for row in rows:
        yield _Block(_object(row), fold)


def _heading(found: Document) -> str:
    # Names of clusters are the only names in it.
    return f"{code(found.summary.text)}"


def _titled(title: str, lines: Iterable[str]) -> Iterator[_Block]:
    first = True
    for number, line in enumerate(lines):
        if first:
            yield _Block(title)
            first = False
        yield _Block(line, "" if number < _PLAIN_SENTENCES else "More of these")


def _withheld_side(side: SideRow, word: str) -> _Block:
    problems = [line for problem in side.problems for line in problem.split("\n")]
    text = f"**The {word} cannot be rendered: nothing is compared, and nothing is removed.**"
    return _Block(f"{text}\n\n{fenced(problems, 'text', _MOST_CHARACTERS)}" if problems else text)


def _risk(risk: RiskRow) -> str:
    where = f"{risk.title} {on_clusters(risk.clusters)}"
    field = f"{risk.field}: " if risk.field and risk.field not in risk.message else ""
    lines = [
        f"- **{risk.level}** {code(f'{where}: {field}{risk.message}')} ({risk.rule})",
        f"  - {code(risk.hint)}",
        *_causes(risk.causes),
    ]
    return "\n".join(lines)


def _causes(causes: Sequence[CauseRow]) -> Iterator[str]:
    return (f"  - {text}" for text in cause_texts(causes, code))


def _object(row: ObjectRow) -> str:
    if row.manifests:
        lines = [line for one in row.manifests for line in marked_manifest(one)]
        body = fenced(lines, "diff", _MOST_CHARACTERS_FULL)
    else:
        lines = [line for field in row.fields for line in diff_lines(field)]
        body = fenced(lines, "diff", _MOST_CHARACTERS)
    title = f"<code>{html.escape(one_line(object_text(row)))}</code>"
    inside = "\n".join([*(f"- {text}" for text in cause_texts(row.causes, code)), ""])
    return f"{_FOLD.format(title)}{inside}\n{body}{_END}"


def code(text: str) -> str:
    """Return `text` as inline code that nothing in it can end."""
    line = one_line(text) or " "
    ticks = "`" * (max((len(run) for run in _RUN.findall(line)), default=0) + 1)
    # A blank at both ends is not shown, and keeps backticks of the text apart.
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fenced(lines: Sequence[str], language: str, most: int) -> str:
    """Return lines as a block of code that nothing in it can end, cut at `most` characters."""
    shown: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > most:
            shown.append(f"… and {len(lines) - len(shown):,} more lines")
            break
        shown.append(line)
    text = "\n".join(shown)
    ticks = "`" * max(3, max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"
