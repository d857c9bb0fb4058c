"""What users read of problems: where, which field, what, and what to do."""

import pytest

from armada_render.errors import (
    ArmadaError,
    ExitCode,
    GuardError,
    InputError,
    OverrideError,
    PlacementError,
    Problem,
    SourceError,
    SourceLocation,
    one_line,
    worst,
)


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (SourceLocation("app/a.yaml"), "app/a.yaml"),
        (SourceLocation("app/a.yaml", 3), "app/a.yaml:3"),
        (SourceLocation("app/a.yaml", 3, 7), "app/a.yaml:3:7"),
        (SourceLocation("a.yaml", 0, 7), "a.yaml"),
        (SourceLocation("a\nerror: b\x1b[31m.yaml", 1), "a\\nerror: b\\x1b[31m.yaml:1"),
    ],
)
def test_a_location_is_a_path_a_line_and_a_column(location: SourceLocation, text: str) -> None:
    assert str(location) == text


def test_a_problem_says_where_what_and_what_to_do() -> None:
    problem = Problem(
        message="unknown field",
        location=SourceLocation("a.yaml", 2),
        resource="v1/ConfigMap/default/a",
        field="spec.x",
        hint="remove it",
    )
    assert str(problem) == (
        "a.yaml:2: v1/ConfigMap/default/a: spec.x: unknown field\n  hint: remove it"
    )


def test_a_problem_without_a_place_is_its_message() -> None:
    assert str(Problem(message="nothing is there")) == "nothing is there"


def test_names_of_the_repository_cannot_begin_a_line_of_their_own() -> None:
    problem = Problem(message="m", field='spec["a\nerror: b"]', resource="v1/X/d/\x1b[2J")
    assert str(problem) == 'v1/X/d/\\x1b[2J: spec["a\\nerror: b"]: m'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("größe", "größe"),
        ("a\tb\r\nc", "a\\tb\\r\\nc"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("left\u202eright", "left\\u202eright"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_does_not_print_is_escaped(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ArmadaError, 3),
        (InputError, 3),
        (PlacementError, 4),
        (OverrideError, 5),
        (SourceError, 6),
        (GuardError, 7),
    ],
)
def test_each_class_of_error_has_its_exit_code(error: type[ArmadaError], code: int) -> None:
    raised = error("it failed")
    assert raised.exit_code == code
    assert raised.problems == (Problem(message="it failed", code=ExitCode(code)),)
    assert str(raised) == "it failed"


def test_an_error_carries_one_problem_or_several() -> None:
    first, second = Problem(message="first"), Problem(message="second")
    assert InputError(first).problems == (first,)
    assert InputError([first, second]).problems == (first, second)
    assert str(InputError(iter([first, second]))) == "first\nsecond"


def test_the_most_severe_code_wins() -> None:
    assert worst([ExitCode.INPUT, ExitCode.OVERRIDE, ExitCode.FOUND]) is ExitCode.OVERRIDE
    assert worst([]) is ExitCode.OK
