from typing import Any

import pytest
from msgspec.structs import replace

from armada_render.emit.argocd.settings import clean_path, joined, setting_problems
from armada_render.model.argocd import AllowedResources, MatchExpression, RollingStep, RollingSync
from tests.support.argocd import SETTINGS


def _fields(**changes: Any) -> list[str]:
    return [problem.field for problem in setting_problems(replace(SETTINGS, **changes))]


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/a/b.git",
        "git@git.example.com:a/b.git",
        "ssh://git@git.example.com:22/a/b.git",
        "https://dev.example.com/a/_git/b~c+d",
    ],
)
def test_a_repository_url_passes(url: str) -> None:
    assert _fields(repo_url=url) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@git.example.com/a.git",
        "https://token@git.example.com/a.git",
        "ssh://me:secret@git.example.com/a.git",
        "https://git.example.com/*",
        "!https://git.example.com/a.git",
        "https://git.example.com/{{.x}}.git",
        "https://git.example.com/a\nb.git",
        "https://git.example.com/a b.git",
    ],
)
def test_credentials_patterns_and_templates_are_refused(url: str) -> None:
    (problem,) = setting_problems(replace(SETTINGS, repo_url=url))
    assert problem.field == "argocd.repoURL"
    assert "secret" not in problem.message


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"revision": "a b"}, "argocd.revision"),
        ({"revision": "a\n"}, "argocd.revision"),
        ({"path": "a/../b"}, "argocd.path"),
        ({"path": "a;b"}, "argocd.path"),
        ({"path": "a//b"}, "argocd.path"),
        ({"path": "a\x1b"}, "argocd.path"),
        ({"project": "default"}, "argocd.project"),
        ({"project": "{{.x}}"}, "argocd.project"),
        ({"project": ""}, "argocd.project"),
        ({"namespace": "Argo"}, "argocd.namespace"),
        ({"allow": AllowedResources(kinds=("*",))}, "argocd.allow.kinds[0]"),
        ({"allow": AllowedResources(kinds=("Pod", "*/Pod"))}, "argocd.allow.kinds[1]"),
        ({"allow": AllowedResources(namespaces=("a*",))}, "argocd.allow.namespaces[0]"),
    ],
)
def test_a_setting_is_refused(changes: dict[str, Any], field: str) -> None:
    assert _fields(**changes) == [field]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (RollingStep(max_update=-1), "argocd.rollingSync.steps[0].maxUpdate"),
        (RollingStep(max_update="many"), "argocd.rollingSync.steps[0].maxUpdate"),
        (
            RollingStep((MatchExpression("a b", "In", ("x",)),)),
            "argocd.rollingSync.steps[0].matchExpressions[0]",
        ),
        (
            RollingStep((MatchExpression("a", "In", ("x y",)),)),
            "argocd.rollingSync.steps[0].matchExpressions[0]",
        ),
    ],
)
def test_a_step_is_refused(step: RollingStep, field: str) -> None:
    assert _fields(rolling_sync=RollingSync((step,))) == [field]


@pytest.mark.parametrize("limit", [None, 0, 3, "25%"])
def test_a_step_passes(limit: int | str | None) -> None:
    assert _fields(rolling_sync=RollingSync((RollingStep(max_update=limit),))) == []


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("", ""), (".", ""), ("/", ""), ("a/b/", "a/b"), ("/a", "a"), ("./a", "a")],
)
def test_slashes_at_the_ends_of_paths_mean_nothing(path: str, cleaned: str) -> None:
    assert clean_path(path) == cleaned


def test_the_root_of_a_repository_is_a_dot() -> None:
    assert joined("", "") == "."
    assert joined("", "eu-1", "web") == "eu-1/web"
