"""Strict decoding of plain data into the structs of `model`, with every problem found at once.

A document that fits costs one `msgspec.convert`; what must explain a misfit is imported only then.
"""

import re
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct, ValidationError, convert

from armada_render.model.pattern import pattern

T = TypeVar("T")

FieldPath = tuple[str | int, ...]
"""Where a field stands in a document: keys and list positions from the root."""

_PLAIN_KEY = pattern(r"[A-Za-z_$][-\w$]*", re.ASCII)
_STEP = pattern(
    r'\[(?P<index>\d+)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\.?(?P<key>[^.\[\]]+)', re.DOTALL
)


class ProblemKind(StrEnum):
    """What a field problem means for the document."""

    INVALID = "invalid"
    UNKNOWN_FIELD = "unknown field"
    OLD_SPELLING = "old spelling"


class FieldProblem(Struct, frozen=True, kw_only=True):
    """One thing wrong with one field; values are never quoted, but for short wrong enum words."""

    path: FieldPath
    message: str
    hint: str = ""
    kind: ProblemKind = ProblemKind.INVALID

    @property
    def fatal(self) -> bool:
        """Whether the document cannot be used (an unknown field is dropped, as Kubernetes does)."""
        return self.kind is ProblemKind.INVALID

    @property
    def is_warning(self) -> bool:
        """Whether the document means what it meant, and users should only know."""
        return self.kind is ProblemKind.OLD_SPELLING


class Decoded(Struct, Generic[T], frozen=True):
    """What a document says: `value` is None exactly when one of `problems` is fatal."""

    value: T | None
    problems: tuple[FieldProblem, ...] = ()


def decode(document: object, type_: type[T], *, at: str = "") -> Decoded[T]:
    """Return `document` as a `type_`; `at` is where it stands (`spec`), for paths of problems.

    Null members count as absent, unknown fields are dropped and reported, and the purge mode words
    that Karmada 1.19 removed are read as their successors and reported.
    """
    try:
        return Decoded(convert(document, type_))
    except ValidationError:
        # Everything that explains a misfit stays out of the start-up time.
        from armada_render.model.diagnose import diagnose  # noqa: PLC0415

        cleaned, problems = diagnose(document, type_, parse_path(at))
    if any(problem.fatal for problem in problems):
        return Decoded(None, problems)
    return Decoded(convert(cleaned, type_), problems)


def format_path(path: FieldPath) -> str:
    """Return `path` as text: `spec.rules[0].matchLabels["app.kubernetes.io/name"]`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'["{quoted}"]')
    return "".join(parts)


def parse_path(text: str) -> FieldPath:
    """Return the path that `format_path` turned into `text`."""
    steps: list[str | int] = []
    for match in _STEP.finditer(text):
        if (index := match["index"]) is not None:
            steps.append(int(index))
        elif (quoted := match["quoted"]) is not None:
            steps.append(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        else:
            steps.append(match["key"])
    return tuple(steps)
