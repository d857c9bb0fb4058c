"""Results as SARIF 2.1.0 (OASIS), which code scanning of Git hosts and editors read. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from armada_render.errors import Problem, SourceLocation
from armada_render.model.result import Level, Result, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
"""What the paths of locations are relative to: the root of the checkout, as viewers take it."""
FINGERPRINT = "armadaRender/v1"

_UNRESERVED = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=@"
)


def sarif(
    results: Iterable[Result],
    rules: Sequence[Rule],
    *,
    tool: str,
    version: str,
    failures: Iterable[Problem] = (),
) -> bytes:
    """Return one run with `results` as SARIF text.

    `rules` are all that were looked for; a result of no rule among them raises `KeyError`.
    `failures` kept the tool from looking at everything: they become notifications, and the run
    counts as not successful.
    """
    positions = {rule.id: position for position, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    notifications = [_notification(problem) for problem in failures]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": tool,
                "version": version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not notifications,
                **({"toolExecutionNotifications": notifications} if notifications else {}),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, positions[one.rule], seen) for one in results],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _rule(rule: Rule) -> dict[str, Any]:
    text = "\n\n".join(part for part in (rule.description or rule.summary, rule.fix) if part)
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.description or rule.summary},
        "help": {"text": text},
        **({"helpUri": rule.help_uri} if rule.help_uri else {}),
        "defaultConfiguration": {"level": str(rule.level)},
    }


def _result(result: Result, position: int, seen: Counter[str]) -> dict[str, Any]:
    identity = fingerprint(result)
    seen[identity] += 1
    print_ = f"{identity}:{seen[identity]}"
    return {
        "ruleId": result.rule,
        "ruleIndex": position,
        "level": str(result.level),
        "message": _message(result.message, result.hint),
        "locations": _locations(result.location, result.resource, result.field),
        # The second is the one that GitHub tracks alerts by.
        "partialFingerprints": {FINGERPRINT: print_, "primaryLocationLineHash": print_},
    }


def _locations(
    location: SourceLocation | None, resource: str, field: str = ""
) -> list[dict[str, Any]]:
    found: dict[str, Any] = {}
    if location is not None:
        physical: dict[str, Any] = {
            "artifactLocation": {"uri": uri(location.path), "uriBaseId": ROOT}
        }
        if location.line:
            column = {"startColumn": location.column} if location.column else {}
            physical["region"] = {"startLine": location.line, **column}
        found["physicalLocation"] = physical
    if resource:
        name = f"{resource}: {field}" if field else resource
        found["logicalLocations"] = [{"fullyQualifiedName": _sound(name)}]
    return [found] if found else []


def _notification(problem: Problem) -> dict[str, Any]:
    locations = _locations(problem.location, problem.resource, problem.field)
    return {
        "level": str(Level.ERROR),
        "message": _message(problem.message, problem.hint),
        **({"locations": locations} if locations else {}),
    }


def _message(message: str, hint: str) -> dict[str, str]:
    return {"text": _sound(f"{message}\n{hint}" if hint else message)}


def _sound(text: str) -> str:
    """Return `text` without halves of surrogate pairs, which a file's name may bring along."""
    return text.encode(errors="backslashreplace").decode()


def fingerprint(result: Result) -> str:
    """Return what stays the same of a result when lines move and numbers in its message change."""
    path = result.location.path if result.location else ""
    parts = (result.rule, path, result.resource, result.field, result.key)
    data = "\0".join(parts).encode(errors="backslashreplace")
    return hashlib.sha256(data).hexdigest()[:32]


def uri(path: str) -> str:
    """Return a relative path as a URI reference (RFC 3986): `%` and what else is special escaped.

    A colon in the first segment would read as a scheme, so it is escaped like the rest.
    """
    data = path.encode(errors="surrogateescape")
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data)
