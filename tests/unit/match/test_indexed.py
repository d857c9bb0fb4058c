"""Policies are found in an index: how many selectors are evaluated, counted and not timed."""

import pytest

from armada_render.load import from_objects
from armada_render.model.selector import ImplicitPriority, ResourceSelector
from armada_render.pipeline import render
from tests.support.objects import Object, cluster, config_map, override, policy, selector


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the names that selectors which are evaluated ask for."""
    found: list[str] = []
    real = ResourceSelector.priority

    def counted(self: ResourceSelector, *arguments: object) -> ImplicitPriority:
        found.append(self.name)
        return real(self, *arguments)  # type: ignore[arg-type] # whatever the caller gave

    monkeypatch.setattr(ResourceSelector, "priority", counted)
    return found


def _app(name: str) -> list[Object]:
    rule = override(name, {"labelsOverrider": [{"operator": "add", "value": {"a": "b"}}]})
    rule["spec"]["resourceSelectors"] = [selector("ConfigMap", name=name)]
    named = policy(name, selector("ConfigMap", name=name), placement={"clusterAffinity": {}})
    return [config_map(name, namespace="default"), named, rule]


@pytest.mark.parametrize("apps", [10, 100])
def test_an_object_meets_only_the_policies_that_name_it(evaluated: list[str], apps: int) -> None:
    render(from_objects([cluster("one"), *_app("app-0")]))
    alone = len(evaluated)
    evaluated.clear()
    objects = [one for number in range(apps) for one in _app(f"app-{number}")]

    rendering = render(from_objects([cluster("one"), *objects]))

    assert sum(map(len, rendering.works.values())) == apps
    assert 0 < alone < 6
    assert all(evaluated.count(f"app-{number}") == alone for number in range(apps))
    assert len(evaluated) == alone * apps
