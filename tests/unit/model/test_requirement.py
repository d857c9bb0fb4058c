"""Versions that a repository allows."""

import pytest

from armada_render.load import MemorySource, load
from armada_render.model.requirement import is_requirement, satisfies
from armada_render.version import __version__


@pytest.mark.parametrize(
    ("requirement", "good", "bad"),
    [
        (">=0.2, <0.3", ["0.2", "0.2.0", "0.2.9", "0.2.1rc1"], ["0.1.9", "0.3", "0.3.0", "1"]),
        ("==0.2", ["0.2", "0.2.0"], ["0.2.1", "0.20"]),
        ("!=0.2", ["0.2.1", "0.1"], ["0.2.0"]),
        (">0.2,<=0.10", ["0.2.1", "0.9", "0.10.0"], ["0.2", "0.10.1"]),
    ],
)
def test_conditions(requirement: str, good: list[str], bad: list[str]) -> None:
    assert is_requirement(requirement)
    assert [one for one in good if not satisfies(one, requirement)] == []
    assert [one for one in bad if satisfies(one, requirement)] == []


@pytest.mark.parametrize("text", ["0.2", "~=0.2", ">=0.2,", ">= x", "*", ">=0.2 <0.3"])
def test_what_is_no_requirement(text: str) -> None:
    assert not is_requirement(text)
    assert not satisfies("0.2", text)
    (problem,) = load(MemorySource({"armada.yaml": f"requires: '{text}'\n"})).fleet.problems
    assert (problem.field, problem.message) == ("requires", "not conditions on a version")


def test_another_version_is_refused() -> None:
    def problems(requirement: str) -> list[str]:
        settings = MemorySource({"armada.yaml": f'requires: "{requirement}"\n'})
        return [str(problem) for problem in load(settings).fleet.problems]

    assert problems(f"=={__version__}") == []
    (problem,) = problems(">=900")
    assert problem.startswith(
        f"armada.yaml:1: requires: this is armada-render {__version__}, and not >=900\n"
    )
