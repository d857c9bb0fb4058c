"""Rules about a fleet and its rendering: what no error stops, and users stumble on later. Pure.

`RULES` is the table of contents; each family is a module with its rules and one `check`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain

from msgspec.structs import replace

from armada_render.errors import InputError, Problem, SourceLocation
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
from armada_render.lint.subject import Subject
from armada_render.model.config import CONFIG_NAME
from armada_render.model.lint import LintSettings, RuleLevel
from armada_render.model.result import Result, Rule, result_order

__all__ = ["RULES", "Comments", "Subject", "lint", "rules", "settled"]

_FAMILIES = (policies, placement, overrides, workloads, apart, deprecated, standing)

RULES: Mapping[str, Rule] = {
    rule.id: rule for family in (*_FAMILIES, reading) for rule in family.RULES
}
"""Every rule by its id, in the order of docs/lint.md."""


def rules(settings: LintSettings) -> tuple[Rule, ...]:
    """Return the rules that are on, with the levels and page addresses of `settings`.

    Raises `InputError` for a rule that does not exist.
    """
    named = {*settings.rules, *chain.from_iterable(one.rules for one in settings.exempt)}
    unknown = sorted(named - RULES.keys())
    if unknown:
        raise InputError(_unknown(name) for name in unknown)
    return tuple(_rule(rule, settings) for rule in RULES.values() if _is_on(rule, settings))


def _is_on(rule: Rule, settings: LintSettings) -> bool:
    return settings.rules.get(rule.id) is not RuleLevel.IGNORE


def _rule(rule: Rule, settings: LintSettings) -> Rule:
    level = settings.rules.get(rule.id)
    docs = settings.docs
    return replace(
        rule,
        level=(level and level.level) or rule.level,
        help_uri=f"{docs.rstrip('/')}/lint.md#{rule.id}" if docs else "",
    )


def _unknown(name: str) -> Problem:
    close = get_close_matches(name, RULES, 1)
    return Problem(
        message=f'there is no rule "{name}"',
        location=SourceLocation(CONFIG_NAME, 1),
        field="lint",
        hint=f'did you mean "{close[0]}"?' if close else "docs/lint.md lists all rules",
    )


def lint(subject: Subject, files: Iterable[tuple[str, bytes]] = ()) -> Iterator[Result]:
    """Yield what all rules find in a fleet and its rendering, and in the text of its files."""
    for family in _FAMILIES:
        yield from family.check(subject)
    for path, data in files:
        yield from reading.check_file(path, data)


def settled(
    results: Iterable[Result],
    settings: LintSettings,
    *,
    globs: Callable[[tuple[str, ...]], Callable[[str], bool]],
    comments: Comments,
) -> tuple[Result, ...]:
    """Return results as `settings` and comments in the files want them, in the order of files.

    `globs` makes a test for paths of patterns as in `.gitignore`.
    """
    exempt = [(globs(one.paths), frozenset(one.rules)) for one in settings.exempt]
    kept = []
    for result in results:
        chosen = settings.rules.get(result.rule)
        path = result.location.path if result.location else ""
        if chosen is RuleLevel.IGNORE or any(
            (not only or result.rule in only) and covers(path) for covers, only in exempt
        ):
            continue
        if comments.silence(result.rule, result.location):
            continue
        level = chosen.level if chosen else None
        kept.append(replace(result, level=level) if level else result)
    return tuple(sorted(kept, key=result_order))
