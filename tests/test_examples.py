"""Everything under examples/ is found and rendered: a newcomer runs it first, and copies it."""

from pathlib import Path

import pytest

from armada_render.interpret.lua import check
from armada_render.load import DirectorySource, Loaded, load
from armada_render.pipeline import render

EXAMPLES = Path(__file__).parent.parent / "examples"
FEATURES = EXAMPLES / "features"
INVENTORY = FEATURES / "clusters"
CUSTOMIZATIONS = EXAMPLES / "customizations"
WHAT_IF = EXAMPLES / "failover"
"""Objects to add to a fleet: docs/simulate.md."""
RULES = EXAMPLES / "lint"
"""What is wrong there is wrong on purpose: tests/test_lint_rules.py."""
SCALE_OUT = EXAMPLES / "scale-out"
"""Jobs that render a fleet, not a fleet: tests/test_scale_out.py."""


def _folders() -> list[Path]:
    """Return every folder that is a fleet: each feature, and whole fleets beside them."""
    features = [path for path in FEATURES.iterdir() if path.is_dir() and path != INVENTORY]
    fleets = [
        path
        for path in EXAMPLES.iterdir()
        if path.is_dir() and path not in (FEATURES, CUSTOMIZATIONS, RULES, SCALE_OUT, WHAT_IF)
    ]
    return sorted([*features, *fleets])


def _loaded(folder: Path) -> Loaded:
    inventory = DirectorySource(str(INVENTORY)) if folder.parent == FEATURES else None
    return load(DirectorySource(str(folder)), inventory)


def _id(folder: Path) -> str:
    return str(folder.relative_to(EXAMPLES))


@pytest.mark.parametrize("folder", _folders(), ids=_id)
def test_example_renders_without_errors(folder: Path) -> None:
    rendering = render(_loaded(folder).fleet)
    assert rendering.problems == ()
    assert any(rendering.dispatched(cluster) for cluster in rendering.works)


def test_customizations_load_and_compile() -> None:
    fleet = load(DirectorySource(str(CUSTOMIZATIONS))).fleet
    assert fleet.problems == ()
    assert len(fleet.customizations) == len(list(CUSTOMIZATIONS.glob("*.yaml")))
    assert [check(customization) for customization in fleet.customizations] == [""] * len(
        fleet.customizations
    )


def test_what_is_there_to_be_added_loads() -> None:
    fleet = load(DirectorySource(str(WHAT_IF))).fleet
    assert fleet.problems == ()
    assert fleet.taint_policies
