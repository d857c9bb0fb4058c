"""Whatever names, labels and regions hold: no text of users becomes a template."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armada_render.emit.applicationset import stream
from armada_render.emit.argocd.template import literal
from armada_render.errors import InputError
from armada_render.model.selector import label_value_error
from armada_render.yamlio import load_documents
from tests.support.argocd import generated, member, produced, texts, thing, work

HOSTILE = st.one_of(
    st.sampled_from(
        [
            "{{",
            "}}",
            "{{.name}}",
            "{{- printf 1 -}}",
            "'{{`",
            '"',
            "a\nb: c",
            "\\",
            "%s",
            "-",
            "...",
        ]
    ),
    st.text(min_size=1, max_size=70),
)
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)


def _generated(app: str, cluster: str, region: str, name: str) -> Any:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    works = [
        work(app, thing("Deployment", name, metadata={"labels": {"hostile": app}})),
        work(app, thing("ConfigMap", app, metadata={"annotations": {app: region}})),
        work(app, thing("HorizontalPodAutoscaler", spec={"scaleTargetRef": target})),
    ]
    return generated({cluster: works}, member(cluster, region))


def _frame(application_set: dict[str, Any]) -> dict[str, Any]:
    """Return all of a set but its rows, name and labels: what Argo CD evaluates, and more."""
    spec = {key: value for key, value in application_set["spec"].items() if key != "generators"}
    return {"spec": spec, "namespace": application_set["metadata"]["namespace"]}


PLAIN = _frame(_generated("web", "eu-1", "eu", "web").sets[0])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(app=HOSTILE, cluster=NAMES, region=HOSTILE, name=NAMES)
def test_templates_are_the_same_for_all_inputs(
    app: str, cluster: str, region: str, name: str
) -> None:
    if not app.isprintable():
        with pytest.raises(InputError):
            _generated(app, cluster, region, name)
        return
    result = _generated(app, cluster, region, name)
    (one,) = result.sets
    assert _frame(one) == PLAIN
    (application,) = produced(one)
    assert application["spec"]["source"]["path"] == f"clusters/{cluster}/{app}"
    assert application["spec"]["ignoreDifferences"][0]["name"] == name
    for label in application["metadata"]["labels"].values():
        assert not label_value_error(label)
    assert [document.value for document in load_documents(b"".join(stream(result)))] == [
        result.project,
        one,
    ]


def test_templates_hold_nothing_but_keys_of_rows() -> None:
    (one,) = _generated("web", "eu-1", "eu", "web").sets
    row = one["spec"]["generators"][0]["list"]["elements"][0]
    actions = {text for text in texts(one["spec"]["template"]) if "{{" in text}
    assert actions <= {f"{{{{.{key}}}}}" for key in row}
    assert one["spec"]["templatePatch"].count("{{") == 1


@given(st.text(alphabet='{}.a"-` \n'))
def test_a_literal_prints_itself(text: str) -> None:
    # A Go template evaluates `{{"{{"}}` to two braces, and copies what has no two in a row.
    pieces = literal(text).split('{{"{{"}}')
    assert all("{{" not in piece for piece in pieces)
    assert "{{".join(pieces) == text
