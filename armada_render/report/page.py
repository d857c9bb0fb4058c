"""The HTML of a page, its style and script: one file that a browser opens from a disk.

The policy in its head allows this one style and this one script, by their hashes, and no request
whatsoever. Everything of the repository is escaped by jinja2, or data that the script sets as text.
"""

import base64
import hashlib
from importlib.resources import files
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from armada_render.diff.page import STYLE, fragment
from armada_render.errors import Problem, one_line
from armada_render.report.contents import Contents
from armada_render.simulate.text import COLUMNS, lines, numbers

_ASSETS = "armada_render.report"


def page(contents: Contents, *, version: str) -> bytes:
    """Return the page as UTF-8; the same contents give the same bytes."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["told"] = _told
    environment.filters["numbers"] = numbers
    environment.filters["lines"] = lambda outcome: "\n".join(map(one_line, lines(outcome)))
    style, script = _asset("page.css") + STYLE, _asset("page.js")
    text = environment.from_string(_asset("page.html.j2")).render(
        contents=contents,
        version=version,
        columns=COLUMNS,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        changes=contents.changes and Markup(fragment(contents.changes)),  # noqa: S704 - escaped there
        data=_embedded(contents.data),
        reasons=_embedded(contents.reasons),
    )
    return text.encode()


def _asset(name: str) -> str:
    return (files(_ASSETS) / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the source expression that allows an inline element with just this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _embedded(data: Any) -> Markup:  # noqa: ANN401 - plain JSON data
    """Return data for a script element, which nothing in it can close."""
    text = msgspec.json.encode(data).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - no character is left that HTML would see


def _told(problem: Problem) -> str:
    return "\n".join(one_line(line) for line in str(problem).split("\n"))
