"""What is wrong with rendered objects, where it comes from, and that values stay unsaid."""

import sys
from typing import Any

import pytest

from armada_render.cli import run
from armada_render.load import from_objects
from armada_render.model.result import Result
from armada_render.pipeline import RenderOptions, render
from armada_render.validate.blame import Origins
from armada_render.validate.check import Validation
from armada_render.validate.data import SchemaData, is_installed
from tests.support.objects import Object, cluster, deployment, override, policy, selector

DATA = SchemaData()


def _found(*objects: Object, version: int = 33, strict: bool = False) -> list[Result]:
    fleet = from_objects(
        [cluster("one"), cluster("two"), policy("p", selector("Deployment")), *objects]
    )
    assert fleet.problems == ()
    rendering = render(fleet, RenderOptions(trace=True))
    origins = Origins(fleet, rendering.override_policies)
    versions = {"one": version, "two": version}
    validation = Validation(fleet.templates, rendering, versions, DATA, origins)
    return list(validation.results(strict=strict))


def _web(**spec: Any) -> Object:
    made = deployment("web")
    made["spec"]["selector"] = {"matchLabels": {"app": "web"}}
    made["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    made["spec"].update(spec)
    return made


def test_a_good_object_is_good() -> None:
    assert _found(_web()) == []


@pytest.mark.parametrize(
    ("spec", "rule", "field", "message", "hint"),
    [
        (
            {"minReadySeconds": "10"},
            "schema",
            "spec.minReadySeconds",
            "is a string, and must be an integer",
            "take the quotes away",
        ),
        (
            {"strategy": {"type": True}},
            "schema",
            "spec.strategy.type",
            "is a boolean, and must be a string",
            "put it in quotes",
        ),
        (
            {"minReadySecond": 10},
            "unknown-field",
            "spec.minReadySecond",
            'unknown field "minReadySecond"',
            'did you mean "minReadySeconds"?',
        ),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": 1.5}}},
            "schema",
            "spec.strategy.rollingUpdate.maxSurge",
            "is a number, and must be an integer or a string",
            "write what the schema asks for; `kubectl explain` describes every field",
        ),
    ],
)
def test_wrong_fields_are_named(
    spec: dict[str, Any], rule: str, field: str, message: str, hint: str
) -> None:
    found = [one for one in _found(_web(**spec)) if one.field == field]
    assert [(one.rule, one.message, one.hint) for one in found] == [(rule, message, hint)]


def test_an_override_is_blamed_for_what_it_wrote_and_removed() -> None:
    changes = {
        "plaintext": [{"path": "/spec/paused", "operator": "add", "value": "s3cret"}],
        "labelsOverrider": [{"operator": "add", "value": {"tier": "front"}}],
    }
    (found,) = _found(_web(), override("o", changes, clusters=["one"]))
    assert (found.resource, found.field) == (
        "OverridePolicy/default/o",
        "spec.overrideRules[0].overriders.plaintext",
    )
    assert found.message == (
        "makes Deployment web wrong: spec.paused: is a string, and must be a boolean"
    )
    removal = {"plaintext": [{"path": "/spec/selector", "operator": "remove"}]}
    (found,) = _found(_web(), override("o", removal))
    assert found.resource == "OverridePolicy/default/o"
    assert found.message.endswith("spec.selector: is required, and missing")


def test_a_mistake_of_the_manifest_is_not_an_overrides() -> None:
    changes = {"labelsOverrider": [{"operator": "add", "value": {"tier": "front"}}]}
    (found,) = _found(_web(paused="yes"), override("o", changes))
    assert found.resource == "apps/v1/Deployment/default/web"


def test_clusters_that_share_an_object_share_its_errors() -> None:
    assert len(_found(_web(paused="yes"))) == 1


def test_no_message_holds_a_value() -> None:
    wrong: dict[str, Any] = {
        "paused": "s3cret",
        "strategy": "s3cret",
        "selector": {"matchLabels": ["s3cret"]},
        "minReadySeconds": {"s": "s3cret"},
        "progressDeadlineSeconds": [1234567],
    }
    found = _found(_web(**wrong))
    assert len(found) == len(wrong)
    assert "s3cret" not in str(found)
    assert "1234567" not in str(found)


def test_an_api_of_another_version_is_not_served() -> None:
    job: Object = {
        "apiVersion": "batch/v1beta1",
        "kind": "CronJob",
        "metadata": {"name": "x"},
        "spec": {},
    }
    takes = policy("jobs", {"apiVersion": "batch/v1beta1", "kind": "CronJob"})
    (found,) = _found(job, takes)
    assert (found.rule, found.level) == ("api-not-served", "error")
    assert found.message == "Kubernetes 1.33 (one, two) has no batch/v1beta1 CronJob"


@pytest.mark.parametrize(("strict", "level"), [(False, "note"), (True, "error")])
def test_an_unknown_kind_is_listed_once(strict: bool, level: str) -> None:  # noqa: FBT001
    farms = [
        {"apiVersion": "example.io/v1", "kind": "Farm", "metadata": {"name": name}}
        for name in ("a", "b")
    ]
    takes = policy("farms", {"apiVersion": "example.io/v1", "kind": "Farm"})
    (found,) = _found(*farms, takes, strict=strict)
    assert (found.rule, found.level) == ("unknown-kind", level)
    assert found.message == "there is no schema for example.io/v1 Farm: 2 objects are not checked"


def test_versions_of_the_data() -> None:
    first, last = DATA.versions[0], DATA.versions[-1]
    assert DATA.nearest(33) == 33
    assert DATA.nearest(None) == DATA.nearest(last + 5) == last
    assert DATA.nearest(first - 1) == first


@pytest.mark.parametrize("version", DATA.versions)
def test_every_version_has_what_is_needed(version: int) -> None:
    assert _found(_web(), version=version) == []


@pytest.mark.parametrize("package", ["jsonschema_rs", "kubernetes_validate"])
def test_without_the_extra_it_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert not is_installed()
    assert run(["validate", "."]) == 2
    assert "pip install 'armada-render[validate]'" in capsys.readouterr().err
