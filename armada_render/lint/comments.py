"""Comments that switch rules off for the object they stand in or above.

`# armada-render: ignore image-latest, torn-idle` says so for every object of its YAML document.
Text behind the ids is the reason, which nobody reads but people.
"""

import re
from collections.abc import Callable

from armada_render.errors import SourceLocation

_COMMENT = re.compile(
    r"(?:^|\s)#\s*armada-render:\s*ignore\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)", re.ASCII
)
_SEPARATOR = re.compile(r"---(?:\s|$)")


class Comments:
    """Reads files when somebody asks what their comments say; `read` may raise `OSError`."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._files: dict[str, list[tuple[int, frozenset[str]]]] = {}

    def silence(self, rule: str, location: SourceLocation | None) -> bool:
        """Tell whether a comment in the document at `location` switches `rule` off."""
        if location is None:
            return False
        documents = self._files.get(location.path)
        if documents is None:
            documents = self._files[location.path] = _documents(self._read(location.path))
        ignored: frozenset[str] = frozenset()
        for start, rules in documents:
            if start > max(location.line, 1):
                break
            ignored = rules
        return rule in ignored


def _documents(data: bytes) -> list[tuple[int, frozenset[str]]]:
    """Return the first line of each document (from 1), and the rules its comments switch off.

    Cut by `---`, so that a comment above the first key belongs to what follows.
    """
    documents: list[tuple[int, frozenset[str]]] = [(1, frozenset())]
    for number, line in enumerate(data.decode(errors="replace").splitlines(), start=1):
        if _SEPARATOR.match(line):
            documents.append((number, frozenset()))
        elif "armada-render:" in line and (found := _COMMENT.search(line)):
            start, rules = documents[-1]
            documents[-1] = (start, rules | frozenset(re.split(r"\s*,\s*", found[1])))
    return documents
