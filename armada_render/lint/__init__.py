"""Rules about a fleet and its rendering: what no error stops, and users stumble on later. Pure.

`RULES` is the table of contents; each family is a module with its rules and one `check`.
"""

from collections.abc import Iterable, Iterator, Mapping

from armada_render.lint import (
    apart,
    deprecated,
    overrides,
    placement,
    policies,
    reading,
    standing,
    workloads,
)
from armada_render.lint.comments import Comments
from armada_render.lint.settings import chosen, settled
from armada_render.lint.subject import Subject
from armada_render.model.result import Result, Rule

__all__ = ["RULES", "Comments", "Subject", "chosen", "lint", "settled"]

_FAMILIES = (policies, placement, overrides, workloads, apart, deprecated, standing)

RULES: Mapping[str, Rule] = {
    rule.id: rule for family in (*_FAMILIES, reading) for rule in family.RULES
}
"""Every rule by its id."""


def lint(subject: Subject, files: Iterable[tuple[str, bytes]] = ()) -> Iterator[Result]:
    """Yield what all rules find in a fleet and its rendering, and in the text of its files."""
    for family in _FAMILIES:
        yield from family.check(subject)
    for path, data in files:
        yield from reading.check_file(path, data)
