"""Lint looks things up and scans nothing: four times the fleet costs four times the calls."""

import sys
from typing import Any

from armada_render.lint import Subject, lint
from armada_render.load import from_objects
from armada_render.pipeline import Rendering, RenderOptions, render
from tests.support.objects import (
    Object,
    cluster,
    config_map,
    deployment,
    override,
    policy,
    selector,
)


def _app(number: int) -> list[Object]:
    name = f"app-{number}"
    web = deployment(name)
    web["spec"]["template"]["metadata"] = {"labels": {"app": name, "part-of": "shop"}}
    pod = web["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "v", "configMap": {"name": name}}]
    service: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"part-of": "shop", "app": name}},
    }
    label = {"labelsOverrider": [{"operator": "add", "value": {"number": str(number)}}]}
    change = override(name, label, clusters=["one"])
    change["spec"]["resourceSelectors"] = [selector("Deployment", name=name)]
    return [
        web,
        service,
        config_map(name),
        change,
        policy(name, selector("Deployment", name=name), selector("Service", name=name)),
    ]


def _calls(apps: int) -> int:
    """Return how many calls lint makes, those of C functions included."""
    objects = [cluster("one"), cluster("two")]
    for number in range(apps):
        objects += _app(number)
    fleet = from_objects(objects)
    rendering: Rendering = render(fleet, RenderOptions(trace=True))
    calls = 0

    def count(frame: object, event: str, argument: Any) -> None:
        nonlocal calls
        del frame, argument
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        found = sum(1 for _ in lint(Subject(fleet, rendering)))
    finally:
        sys.setprofile(None)
    # An image without a tag, and a ConfigMap that stays behind.
    assert found == 2 * apps
    return calls


def test_lint_grows_with_the_fleet_and_no_faster() -> None:
    assert _calls(80) < 4.4 * _calls(20)
