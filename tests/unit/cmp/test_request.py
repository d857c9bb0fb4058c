"""What the environment says, and what it may not leave open."""

import json
from collections.abc import Mapping

import pytest

from armada_render.cmp.request import DEFAULT_TIMEOUT, Request, read
from armada_render.errors import ArmadaError, ExitCode


def parameters(*entries: Mapping[str, object]) -> dict[str, str]:
    return {"ARGOCD_APP_PARAMETERS": json.dumps(entries)}


CLUSTER = {"name": "cluster", "string": "one"}


def test_parameters_become_a_request() -> None:
    request, settings = read(
        {
            **parameters(
                CLUSTER, {"name": "root", "string": ".."}, {"name": "app", "string": "web"}
            ),
            "ARGOCD_APP_NAME": "team_web-one",
            "ARGOCD_APP_SOURCE_PATH": "fleet/web",
            "PARAM_CLUSTER": "two",
            "ARGOCD_ENV_UNRELATED": "x",
        }
    )
    assert request == Request(
        cluster="one", root="..", app="web", application="web-one", source_path="fleet/web"
    )
    assert settings.timeout == DEFAULT_TIMEOUT


def test_the_sidecar_sets_limits() -> None:
    _, settings = read(
        {
            **parameters(CLUSTER, {"name": "timeout", "string": "50"}),
            "ARMADA_RENDER_CMP_TIMEOUT": "40",
            "ARMADA_RENDER_CMP_SLOTS": "3",
            "ARMADA_RENDER_CMP_ANY_KIND": "true",
            "TMPDIR": "/scratch",
        }
    )
    assert (settings.timeout, settings.slots, settings.scratch) == (40, 3, "/scratch")
    assert (settings.any_kind, settings.any_name) == (True, False)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "the parameter cluster is missing"),
        ({"ARGOCD_APP_PARAMETERS": "null"}, "the parameter cluster is missing"),
        ({"PARAM_CLUSTER": "one"}, "the parameter cluster is missing"),
        (parameters({"name": "cluster", "string": ""}), "the parameter cluster is empty"),
        (parameters({"name": "cluster", "array": ["one"]}), "the parameter cluster must have a"),
        (parameters(CLUSTER, CLUSTER), "the parameter cluster is given twice"),
        (
            parameters(CLUSTER, {"name": "clutser", "string": "x"}),
            "there is no parameter 'clutser'",
        ),
        (
            {**parameters(CLUSTER), "ARGOCD_ENV_CLUSTER": "two"},
            "the parameter cluster and plugin.env CLUSTER do not agree",
        ),
        ({"ARGOCD_APP_PARAMETERS": "{"}, "ARGOCD_APP_PARAMETERS is not a list of parameters"),
        (
            parameters(CLUSTER, {"name": "timeout", "string": "soon"}),
            "the parameter timeout must be",
        ),
        (
            {**parameters(CLUSTER), "ARMADA_RENDER_CMP_SLOTS": "-1"},
            "ARMADA_RENDER_CMP_SLOTS must be",
        ),
        (
            {**parameters(CLUSTER), "ARMADA_RENDER_CMP_ANY_NAME": "yes"},
            "ARMADA_RENDER_CMP_ANY_NAME must be",
        ),
    ],
)
def test_what_is_not_clear_is_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ArmadaError) as caught:
        read(environment)
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.code is ExitCode.USAGE
    assert problem.hint


def test_the_same_cluster_may_be_said_in_both_places() -> None:
    request, _ = read({**parameters(CLUSTER), "ARGOCD_ENV_CLUSTER": "one"})
    assert request.cluster == "one"
