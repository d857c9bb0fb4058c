"""What can go wrong, where, and which exit code it means. Imports nothing of ours."""

from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct


class ExitCode(IntEnum):
    """Process exit codes, a public contract (docs/exit-codes.md)."""

    OK = 0
    FOUND = 1
    USAGE = 2
    INPUT = 3
    PLACEMENT = 4
    OVERRIDE = 5
    SOURCE = 6
    GUARD = 7
    BUG = 70
    INTERRUPTED = 130


def one_line(text: str) -> str:
    """Return `text` with line breaks and what else is not printable written as escapes.

    Names of files and fields are the repository's, and may try to drive terminals or logs.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


class SourceLocation(Struct, frozen=True, order=True):
    """A place in a file: `path` is relative to the rendered root, `line` counts from 1, 0: unknown.

    `within` is where the object stands inside its document (`("items", 3)` in a List).
    """

    path: str
    line: int = 0
    column: int = 0
    within: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        text = one_line(self.path)
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


class Problem(Struct, frozen=True, kw_only=True):
    """One thing a user has to know: where, which field, what, and what to do about it.

    `field` is a path such as `spec.placement.spreadConstraints[0]`, `resource` is
    `apiVersion/kind/namespace/name` or a policy's `Kind/namespace/name`. `rule` is the id under
    which `lint` knows a warning, "" for what it does not know.
    """

    message: str
    location: SourceLocation | None = None
    field: str = ""
    resource: str = ""
    hint: str = ""
    code: ExitCode = ExitCode.INPUT
    rule: str = ""

    def __str__(self) -> str:
        where = ": ".join(
            part
            for part in (str(self.location or ""), one_line(self.resource), one_line(self.field))
            if part
        )
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}\n  hint: {self.hint}" if self.hint else text


def place_order(problem: Problem) -> tuple[str, int, str, str, str]:
    """Return the sort key that puts problems in the order of files and lines."""
    location = problem.location
    return (
        location.path if location else "",
        location.line if location else 0,
        problem.resource,
        problem.field,
        problem.message,
    )


class ArmadaError(Exception):
    """The only exception meant for users; anything else is a bug and keeps its traceback."""

    exit_code = ExitCode.INPUT

    def __init__(self, problems: Problem | str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem(message=problems, code=self.exit_code)
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(ArmadaError):
    """A file cannot be read, or what it says is not valid."""

    exit_code = ExitCode.INPUT


class PlacementError(ArmadaError):
    """No placement can be made, or the policy asks for what cannot be computed."""

    exit_code = ExitCode.PLACEMENT


class OverrideError(ArmadaError):
    """Building the manifest of one cluster failed (revision, override or pruning)."""

    exit_code = ExitCode.OVERRIDE


class SourceError(ArmadaError):
    """Git, the network or the file system did not give what was asked for."""

    exit_code = ExitCode.SOURCE


class GuardError(ArmadaError):
    """A safety guard refuses to write."""

    exit_code = ExitCode.GUARD


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the most severe of `codes` (the highest number), `OK` when there is none."""
    return max(codes, default=ExitCode.OK)
