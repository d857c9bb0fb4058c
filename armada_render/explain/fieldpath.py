r"""The ways in which people write where a field stands, and what stands there in a manifest.

`spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`, kubectl's
`metadata.labels.app\.kubernetes\.io/name`, and JSON pointers (`/spec/containers/0/image`).
"""

import re
from collections.abc import Iterable
from typing import Any

from armada_render.model.decode import FieldPath

_STEP = re.compile(
    r"""
    \[(?P<index>\d+)\]
    | \[(?P<quote>["'])(?P<quoted>(?:[^"'\\]|\\.)*)(?P=quote)\]
    | \.?(?P<key>(?:[^.\[\]\\]|\\.)+)
    """,
    re.VERBOSE | re.DOTALL,
)


class Absent:
    """Stands for what is not there, which null is not."""


ABSENT = Absent()


def parse(text: str) -> FieldPath:
    """Return the path that `text` writes. Raises `ValueError` when it is no path."""
    if text.startswith("/"):
        parts = text[1:].split("/")
        return tuple(_number(part.replace("~1", "/").replace("~0", "~")) for part in parts)
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None:
            raise ValueError(f"is not clear from here on: {text[end:]}")
        steps.append(_step(match))
        end = match.end()
    if not steps:
        raise ValueError("is empty")
    return tuple(steps)


def _step(match: re.Match[str]) -> str | int:
    if (index := match["index"]) is not None:
        return int(index)
    quoted = match["quoted"]
    return re.sub(r"\\(.)", r"\1", match["key"] if quoted is None else quoted, flags=re.DOTALL)


def _number(part: str) -> str | int:
    return int(part) if part.isascii() and part.isdigit() else part


def look_up(node: Any, path: Iterable[str | int]) -> Any:  # noqa: ANN401 - plain JSON data
    """Return what stands at `path`, `ABSENT` when nothing does; `0` is an index or a key."""
    for step in path:
        if isinstance(node, list):
            index = _number(step) if isinstance(step, str) else step
            if not isinstance(index, int) or index >= len(node):
                return ABSENT
            node = node[index]
        elif isinstance(node, dict) and str(step) in node:
            node = node[str(step)]
        else:
            return ABSENT
    return node
