"""The page: whole, self-contained, and nothing of a repository is markup in it."""

from html.parser import HTMLParser

from msgspec.structs import replace

from armada_render.diff import Document, compare
from armada_render.diff.page import fragment, page
from armada_render.pipeline import Rendering
from tests.support.objects import config_map, deployment, policy
from tests.unit.diff.test_compare import placed, rendered, shown

_VOID = ("meta", "link", "br", "img", "input")


class _Reader(HTMLParser):
    """Keeps the tags, and refuses what is not nested."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def _hostile() -> Document:
    def fleet(value: str, replicas: int) -> Rendering:
        web = {**config_map("x"), "data": {"</pre><script>alert(1)</script>": value}}
        return rendered(web, policy("all"), deployment("web", replicas), placed("web", "m1"))

    found = shown(compare(fleet("a", 2), fleet("<img src=//evil onerror=alert(1)>", 0)))
    row = replace(found.objects[0], title='"><script>alert(2)</script>')
    return replace(found, objects=(row, *found.objects[1:]), notes=("<b>note</b>",))


def test_everything_is_text() -> None:
    reader = _read(page(_hostile()))
    assert {"script", "img", "b"}.isdisjoint(reader.tags)
    assert "<script>alert(1)</script>" in reader.text
    assert "<img src=//evil onerror=alert(1)>" in reader.text
    assert '"><script>alert(2)</script>' in reader.text


def test_the_page_needs_nothing_and_may_reach_nothing() -> None:
    text = page(_hostile())
    reader = _read(text)
    assert "link" not in reader.tags
    assert [name for name, _ in reader.attributes if name in ("src", "href", "style")] == []
    policy_of_content = next(value for name, value in reader.attributes if name == "content")
    assert policy_of_content is not None
    assert policy_of_content.startswith("default-src 'none'; ")


def test_the_page_tells_what_the_text_tells() -> None:
    reader = _read(page(_hostile()))
    for words in (
        "What moves",
        "Deployment/web (default): 2 → 0 replicas; on m1",
        "scaled-to-zero",
        "because spec.replicas changed (deployment-web.yaml:1)",
        "2 objects change on m1, m2, m3: 2 changed; 1 risk",
    ):
        assert words in reader.text


def test_a_fragment_is_the_section_alone() -> None:
    reader = _read(fragment(_hostile()))
    assert reader.tags[0] == "section"
    assert {"html", "body", "style", "h1"}.isdisjoint(reader.tags)


def test_same_difference_same_bytes() -> None:
    assert page(_hostile()) == page(_hostile())
