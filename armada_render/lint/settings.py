"""What `armada.yaml` and comments say of rules: which are on, how much they matter, and where."""

from collections.abc import Callable, Container, Iterable
from difflib import get_close_matches
from itertools import chain

from msgspec.structs import replace

from armada_render.errors import InputError, Problem, SourceLocation
from armada_render.lint.comments import Comments
from armada_render.model.config import CONFIG_NAME
from armada_render.model.lint import LintSettings, RuleLevel
from armada_render.model.result import Result, Rule, result_order


def chosen(
    rules: Iterable[Rule], settings: LintSettings, *, page: str, others: Container[str] = ()
) -> tuple[Rule, ...]:
    """Return the rules that are on, with the levels of `settings` and the addresses of `page`.

    `others` are ids that settings may name too. Raises `InputError` for a rule that is neither.
    """
    by_id = {rule.id: rule for rule in rules}
    named = {*settings.rules, *chain.from_iterable(one.rules for one in settings.exempt)}
    unknown = sorted(name for name in named if name not in by_id and name not in others)
    if unknown:
        raise InputError(_unknown(name, by_id) for name in unknown)
    return tuple(
        _set(rule, settings, page)
        for rule in by_id.values()
        if settings.rules.get(rule.id) is not RuleLevel.IGNORE
    )


def _set(rule: Rule, settings: LintSettings, page: str) -> Rule:
    level = settings.rules.get(rule.id)
    docs = settings.docs
    return replace(
        rule,
        level=(level and level.level) or rule.level,
        help_uri=f"{docs.rstrip('/')}/{page}#{rule.id}" if docs else "",
    )


def _unknown(name: str, known: Iterable[str]) -> Problem:
    close = get_close_matches(name, list(known), 1)
    return Problem(
        message=f'there is no rule "{name}"',
        location=SourceLocation(CONFIG_NAME, 1),
        field="lint",
        hint=f'did you mean "{close[0]}"?'
        if close
        else "docs/lint.md and docs/validate.md list all rules",
    )


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
        level = settings.rules.get(result.rule)
        path = result.location.path if result.location else ""
        if level is RuleLevel.IGNORE or any(
            (not only or result.rule in only) and covers(path) for covers, only in exempt
        ):
            continue
        if comments.silence(result.rule, result.location):
            continue
        kept.append(replace(result, level=level.level) if level and level.level else result)
    return tuple(sorted(kept, key=result_order))
