"""What Argo CD stores of an error."""

import pytest

from armada_render.cmp import report
from armada_render.errors import Problem, SourceLocation


def test_the_first_line_says_what_to_fix() -> None:
    problem = Problem(message="wrong", location=SourceLocation("web/a.yaml", 3), hint="mend it")
    assert report.text([problem], "/work") == (
        b"armada-render: web/a.yaml:3: wrong\n  hint: mend it\n"
    )


def test_many_problems_are_cut_to_what_fits() -> None:
    problems = [Problem(message=f"{number} " + "x" * 100) for number in range(100)]
    text = report.text(problems, "/work")
    assert 3500 < len(text) <= report.MOST_BYTES
    assert text.endswith(b" more: run armada-render render\n")
    shown = text.count(b"x" * 100)
    assert f"and {100 - shown} more".encode() in text


def test_one_endless_problem_is_cut_within_a_letter() -> None:
    text = report.text([Problem(message="\U0001f600" * 5000)], "/work")
    assert len(text) <= report.MOST_BYTES
    assert text.decode().endswith(" ...\n")


def test_paths_of_the_machine_and_control_characters_are_taken_out() -> None:
    problem = Problem(
        message="cannot open /tmp/_cmp_server/uuid/web/a.yaml\x1b[31m in /tmp/_cmp_server"
    )
    assert report.text([problem], "/tmp/_cmp_server/uuid/web") == (
        b"armada-render: cannot open a.yaml\\x1b[31m in .\n"
    )


def test_a_bug_names_the_line_and_not_the_value() -> None:
    with pytest.raises(AttributeError) as caught:
        Problem(message="x").nonsense  # type: ignore[attr-defined]  # noqa: B018
    text = report.bug(caught.value)
    assert text == b"armada-render: internal error AttributeError; please report this as a bug\n"
