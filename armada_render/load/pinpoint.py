"""The line of a problem's field, read again from the source: only the error path pays for it."""

from msgspec import Struct
from msgspec.structs import replace

from armada_render.errors import Problem
from armada_render.load.source import Source
from armada_render.model.decode import parse_path
from armada_render.model.pattern import pattern
from armada_render.yamlio import load_documents, locate

_BUDGET = 8 * 1024 * 1024
"""Characters to look through in a run. A thousand problems of one file must not take minutes."""

# What ends a line in YAML 1.1 but "\n": where it occurs, lines cannot be cut by "\n".
_OTHER_BREAKS = pattern("\r(?!\n)|[\x85\u2028\u2029]")


class _Place(Struct, frozen=True):
    """A document to look through: its text, its number there, and the lines before the text."""

    text: str | bytes
    index: int
    lines_before: int


class Pinpointer:
    """Finds lines of fields, and remembers the files it has read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._files: dict[str, dict[int, _Place]] = {}
        self._budget = _BUDGET

    def find(self, problem: Problem) -> Problem:
        """Return `problem` with the line of its field, or of what is nearest to it."""
        location = problem.location
        if location is None or location.column or not location.line or self._budget < 0:
            return problem
        path = (*location.within, *parse_path(problem.field))
        if not path:
            return problem
        if location.path not in self._files:
            self._files[location.path] = _places(self._source.read(location.path))
        place = self._files[location.path].get(location.line)
        if place is None:
            return problem
        self._budget -= len(place.text)
        line, _ = locate(place.text, place.index, path)
        return replace(problem, location=replace(location, line=place.lines_before + line))


def pinpoint(problem: Problem, source: Source) -> Problem:
    """Return `problem` with the line of its field, read again from the source."""
    return Pinpointer(source).find(problem)


def _places(data: bytes) -> dict[int, _Place]:
    """Return the documents of a file by the line where each starts, each cut out if possible."""
    documents = load_documents(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or _OTHER_BREAKS.search(text) or text.startswith("\ufeff"):
        return {item.line: _Place(data, item.index, 0) for item in documents}
    lines = text.split("\n")
    ends = [*(item.line - 1 for item in documents[1:]), len(lines)]
    return {
        item.line: _Place("\n".join(lines[item.line - 1 : end]), 0, item.line - 1)
        for item, end in zip(documents, ends, strict=True)
    }
