"""Whether the settings of `-o applicationset` can be used: they become literals of templates."""

import re
from collections.abc import Iterable

from armada_render.emit.argocd.destinations import GLOB
from armada_render.emit.argocd.names import group_of, is_dns_label, is_group_kind
from armada_render.errors import Problem
from armada_render.model.argocd import AllowedResources, ArgoCD, RollingSync
from armada_render.model.selector import label_value_error, qualified_name_error

_PASSWORD = re.compile(r"[a-z+]+://[^/@]*:[^/@]*@", re.IGNORECASE)
_SECRET_USER = re.compile(r"https?://[^/@]+@", re.IGNORECASE)
_PERCENTAGE = re.compile(r"\d{1,3}%", re.ASCII)


def clean_path(path: str) -> str:
    """Return a path in a repository without slashes at its ends; "" and "." are its root."""
    path = path.strip("/")
    return "" if path == "." else path.removeprefix("./")


def joined(*parts: str) -> str:
    """Return a path in a repository; "." is its root."""
    return "/".join(part for part in parts if part) or "."


def setting_problems(settings: ArgoCD) -> Iterable[Problem]:
    """Yield what is wrong with the settings, each by its field in `armada.yaml`."""
    yield from _repository_problems(settings)
    for field, value in (("project", settings.project), ("namespace", settings.namespace)):
        if not is_dns_label(value):
            yield _problem(field, "must be up to 63 lower-case letters, digits and '-'")
    if settings.project == "default":
        yield _problem(
            "project",
            'the project "default" belongs to everybody: this AppProject would replace it',
            "choose a name for the fleet",
        )
    yield from _allow_problems(settings.allow)
    if settings.rolling_sync is not None:
        yield from _rolling_problems(settings.rolling_sync)


def _repository_problems(settings: ArgoCD) -> Iterable[Problem]:
    if _PASSWORD.match(settings.repo_url) or _SECRET_USER.match(settings.repo_url):
        yield _problem(
            "repoURL",
            "credentials do not belong into the URL",
            "give them to Argo CD in a repository Secret",
        )
    elif GLOB.search(settings.repo_url):
        yield _problem(
            "repoURL",
            "must be plain printable text: AppProjects read * ? [ ] { } \\ and ! as patterns",
        )
    if not settings.revision.isprintable() or " " in settings.revision:
        yield _problem("revision", "must be a branch, a tag or a commit")
    path = clean_path(settings.path or "")
    if path and (
        {"", ".", ".."} & set(path.split("/")) or not path.isprintable() or set(path) & set(";\\")
    ):
        yield _problem("path", "must be a folder of the repository, without . .. ; and \\")


def _allow_problems(allow: AllowedResources) -> Iterable[Problem]:
    for index, kind in enumerate(allow.kinds):
        if not is_group_kind(group_of(kind), kind.rpartition("/")[2]):
            hint = "write ConfigMap or apps/Deployment"
            yield _problem(f"allow.kinds[{index}]", "not a kind", hint)
    for index, namespace in enumerate(allow.namespaces):
        if not is_dns_label(namespace):
            yield _problem(f"allow.namespaces[{index}]", "not the name of a namespace")


def _rolling_problems(rolling: RollingSync) -> Iterable[Problem]:
    for number, step in enumerate(rolling.steps):
        field = f"rollingSync.steps[{number}]"
        limit = step.max_update
        if (isinstance(limit, int) and limit < 0) or (
            isinstance(limit, str) and not _PERCENTAGE.fullmatch(limit)
        ):
            yield _problem(f"{field}.maxUpdate", "must be a number or a percentage such as 25%")
        for index, one in enumerate(step.match_expressions):
            if qualified_name_error(one.key) or any(map(label_value_error, one.values)):
                yield _problem(f"{field}.matchExpressions[{index}]", "not a valid label or value")


def _problem(field: str, message: str, hint: str = "") -> Problem:
    return Problem(message=message, field=f"argocd.{field}", hint=hint)
