"""Results as JUnit XML, which CI systems show as tests. Pure.

There is no standard; what is written here is what Jenkins, GitLab and the GitHub actions read.
"""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from armada_render.model.result import Result, Rule

# XML 1.0 has no way to write the others, not even escaped (production 2, Char).
_NO_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\r": "&#13;",
    }
)
# Line breaks and tabs of an attribute would come back as blanks.
_ATTRIBUTE_ESCAPES = _ESCAPES | str.maketrans({"\n": "&#10;", "\t": "&#9;"})


class Case(Struct, frozen=True, kw_only=True):
    """One test: what was looked at, and what it came to.

    `failures` make it fail; `notes` are printed below and change nothing; `error` says why it
    could not be carried out, `skipped` why it was not.
    """

    group: str
    name: str
    failures: tuple[Result, ...] = ()
    notes: tuple[Result, ...] = ()
    error: str = ""
    skipped: str = ""


def junit(name: str, cases: Iterable[Case]) -> bytes:
    """Return the cases as one document: a suite for each group, in the order of first mention."""
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.group, []).append(case)
    every = [case for group in suites.values() for case in group]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites{_attributes(name=name, **_counts(every))}>",
    ]
    for group, members in suites.items():
        lines.append(f"  <testsuite{_attributes(name=group, **_counts(members))}>")
        for case in members:
            lines += _case(case)
        lines.append("  </testsuite>")
    lines += ["</testsuites>", ""]
    return "\n".join(lines).encode()


def cases_of_rules(
    group: str, rules: Sequence[Rule], failures: Iterable[Result], notes: Iterable[Result]
) -> tuple[Case, ...]:
    """Return one case a rule, so that rules which found nothing are seen to pass."""
    failed: dict[str, list[Result]] = {}
    noted: dict[str, list[Result]] = {}
    for results, by_rule in ((failures, failed), (notes, noted)):
        for result in results:
            by_rule.setdefault(result.rule, []).append(result)
    return tuple(
        Case(
            group=group,
            name=rule.id,
            failures=tuple(failed.get(rule.id, ())),
            notes=tuple(noted.get(rule.id, ())),
        )
        for rule in rules
    )


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failures) and not case.error for case in cases)),
        "errors": str(sum(bool(case.error) for case in cases)),
        "skipped": str(sum(bool(case.skipped) for case in cases)),
    }


def _case(case: Case) -> list[str]:
    location = case.failures[0].location if case.failures else None
    file = location.path if location else ""
    line = str(location.line) if location and location.line else ""
    start = (
        f"    <testcase{_attributes(name=case.name, classname=case.group, file=file, line=line)}"
    )
    inside: list[str] = []
    if case.error:
        inside.append(_element("error", case.error, message=case.error.partition("\n")[0]))
    if case.failures and not case.error:
        # One element: several of them confuse readers, and the text holds all.
        first = case.failures[0]
        more = len(case.failures) - 1
        message = f"{first.message} (and {more} more)" if more else first.message
        text = "\n".join(map(_text, case.failures))
        inside.append(_element("failure", text, message=message, type=str(first.level)))
    if case.skipped:
        inside.append(f"      <skipped{_attributes(message=case.skipped)}/>")
    if case.notes:
        inside.append(_element("system-out", "\n".join(map(_text, case.notes))))
    return [f"{start}>", *inside, "    </testcase>"] if inside else [f"{start}/>"]


def _text(result: Result) -> str:
    parts = (str(result.level), str(result.location or ""), result.resource, result.field)
    text = ": ".join([*filter(None, parts), result.message])
    return f"{text}\n  hint: {result.hint}" if result.hint else text


def _element(tag: str, text: str, **attributes: str) -> str:
    return f"      <{tag}{_attributes(**attributes)}>{escaped(text)}</{tag}>"


def _attributes(**attributes: str) -> str:
    """Return attributes with a blank before each; those that are "" are left out."""
    return "".join(
        f' {name}="{_clean(value).translate(_ATTRIBUTE_ESCAPES)}"'
        for name, value in attributes.items()
        if value
    )


def escaped(text: str) -> str:
    """Return `text` as character data, without what XML cannot hold."""
    return _clean(text).translate(_ESCAPES)


def _clean(text: str) -> str:
    return _NO_CHAR.sub("", text)
