"""What a check says of a fleet, in the form that reports for people and machines are made of."""

from enum import StrEnum

from msgspec import Struct

from armada_render.errors import SourceLocation


class Level(StrEnum):
    """How much a result matters, in SARIF's words."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """A number that is higher for what matters more."""
        return _RANKS[self]

    def reaches(self, threshold: "Level") -> bool:
        """Tell whether this is `threshold` or worse."""
        return self.rank >= threshold.rank


_RANKS = {Level.NOTE: 0, Level.WARNING: 1, Level.ERROR: 2}


class Rule(Struct, frozen=True, kw_only=True):
    """A thing that is looked for: its id, what it finds, why that matters and what mends it.

    `help_uri` is the absolute address of its page, "" when nobody publishes one.
    """

    id: str
    summary: str
    description: str = ""
    fix: str = ""
    level: Level = Level.WARNING
    help_uri: str = ""


class Result(Struct, frozen=True, kw_only=True):
    """One thing that a rule found.

    `location` is relative to the root that readers know (SARIF's `%SRCROOT%`). `resource` and
    `field` say what stands there, `hint` what to do. `key` tells apart results that agree in
    everything else but the message: a cluster, an image; it must not change with the line.
    """

    rule: str
    level: Level
    message: str
    location: SourceLocation | None = None
    resource: str = ""
    field: str = ""
    hint: str = ""
    key: str = ""


def result_order(result: Result) -> tuple[str, int, int, str, str, str, str]:
    """Return the sort key that puts results in the order of files and lines."""
    location = result.location or SourceLocation("")
    return (
        location.path,
        location.line,
        location.column,
        result.rule,
        result.resource,
        result.field,
        result.message,
    )
