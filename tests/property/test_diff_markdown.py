"""Whatever a repository holds, a real Markdown parser sees code, and nothing beside it."""

from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from armada_render.diff import compare, markdown_parts
from armada_render.diff.markdown import code, fenced
from armada_render.errors import one_line
from armada_render.pipeline import Rendering, RenderOptions, render
from tests.support.objects import cluster, config_map, policy

_MANY = settings(max_examples=300, deadline=None, derandomize=True)
_FEW = settings(max_examples=40, deadline=None, derandomize=True)
_PIECES = st.sampled_from(
    ["`", "``", "```", "````", "~~~", "\n", "\r", " ", "    ", "- ", "> ", "# ", "| a |", "@all",
     "</details>", "<!-- ", "-->", "<script>", "[x](http://e.x)", "https://e.x", "#12", "\\", "*",
     "&amp;", "\u202e", "\x00", "a", "é"]
)  # fmt: skip
_TEXTS = st.lists(_PIECES | st.text(max_size=3), max_size=12).map("".join)
_PARSER = MarkdownIt("commonmark")


@_MANY
@given(_TEXTS)
def test_a_text_is_one_piece_of_inline_code(text: str) -> None:
    html = _PARSER.render(f"- because {code(text)}")
    start, _, rest = html.partition("<code>")
    inside, _, end = rest.partition("</code>")
    assert (start, end) == ("<ul>\n<li>because ", "</li>\n</ul>\n")
    assert unescape(inside).strip() == one_line(text).replace("\x00", "\ufffd").strip()


@_MANY
@given(st.lists(_TEXTS.map(one_line), max_size=6))
def test_lines_are_one_block_of_code(lines: list[str]) -> None:
    (token,) = _PARSER.parse(fenced(lines, "diff", 10_000))
    assert token.type == "fence"
    assert token.content.rstrip("\n") == "\n".join(lines).rstrip("\n")


def _fleet(name: str, value: str) -> Rendering:
    item = {**config_map("x"), "data": {name: value}}
    return render([cluster("m1"), item, policy("all")], RenderOptions(trace=True))


@_FEW
@given(_TEXTS, _TEXTS, _TEXTS)
def test_a_whole_comment_holds_no_markup_but_ours(name: str, old: str, new: str) -> None:
    from tests.unit.diff.test_compare import shown  # noqa: PLC0415

    found = shown(compare(_fleet("a", old), _fleet(name or "a", new)))
    found = replace(found, notes=(new,))
    for part in markdown_parts(found):
        for token in _PARSER.parse(part):
            if token.type == "html_block":
                assert set(token.content.split("\n")) <= set(_OURS) or "<summary>" in token.content
            for child in token.children or ():
                assert child.type in ("text", "code_inline", "strong_open", "strong_close",
                                      "softbreak"), child  # fmt: skip
                if child.type == "text":
                    assert "@" not in child.content
                    assert "://" not in child.content


_OURS = ("", "</details>", "<!-- armada-render diff: part 1 of 1 -->")
