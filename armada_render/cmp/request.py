"""What Argo CD asks for, read from the environment of the command.

Argo CD does not say which cluster an Application goes to: the Application's `cluster` parameter
does, and nothing is guessed. Only `ARGOCD_APP_PARAMETERS` and `ARGOCD_ENV_*` are read; `PARAM_*`
can collide. The revision and the KUBE variables are not looked at: output must not depend on them.
"""

import os
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from armada_render.errors import ArmadaError, ExitCode, Problem, one_line

PARAMETERS = ("cluster", "root", "app", "timeout")
DEFAULT_TIMEOUT = 30.0
"""Seconds; Argo CD gives up after 60 and includes fetching and packing in them."""
MOST_SLOTS = 4
_PREFIX = "ARMADA_RENDER_CMP_"


class Request(Struct, frozen=True, kw_only=True):
    """What one Application wants.

    `root` and `app` are "" when they are not given; `application` is the Application's name, and
    `source_path` its path in the repository, "" when somebody runs the plugin by hand.
    """

    cluster: str
    root: str = ""
    app: str = ""
    application: str = ""
    source_path: str = ""


class Settings(Struct, frozen=True, kw_only=True):
    """What the operator of the sidecar allows; times in seconds.

    `scratch` holds the lock files of the slots. `any_name`: names of Applications say nothing of
    clusters. `any_kind`: Argo CD's and Karmada's own objects may be delivered too.
    """

    timeout: float = DEFAULT_TIMEOUT
    slots: int = MOST_SLOTS
    scratch: str = "/tmp"  # noqa: S108 - a folder of our own is made in it
    any_name: bool = False
    any_kind: bool = False


class _Parameter(Struct):
    name: str = ""
    string: str | None = None
    array: list[str] | None = None
    map: dict[str, str] | None = None


def read(environment: Mapping[str, str]) -> tuple[Request, Settings]:
    """Return what is asked for and what is allowed; raise `ArmadaError` if that is not clear."""
    given = _parameters(environment)
    cluster = given.get("cluster")
    if not cluster:
        raise _usage(
            "the parameter cluster is empty"
            if cluster == ""
            else "the parameter cluster is missing",
            "add it to the Application: spec.source.plugin.parameters: "
            "[{name: cluster, string: NAME}]; Argo CD does not tell plugins the destination",
        )
    settings = _settings(environment)
    if "timeout" in given:
        wanted = _number("the parameter timeout", given["timeout"])
        settings = msgspec.structs.replace(settings, timeout=min(wanted, settings.timeout))
    # Applications outside Argo CD's namespace are called <namespace>_<name>.
    application = environment.get("ARGOCD_APP_NAME", "").rpartition("_")[2]
    request = Request(
        cluster=cluster,
        root=given.get("root", ""),
        app=given.get("app", ""),
        application=application,
        source_path=environment.get("ARGOCD_APP_SOURCE_PATH", ""),
    )
    return request, settings


def _parameters(environment: Mapping[str, str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for parameter in _announced(environment.get("ARGOCD_APP_PARAMETERS", "null")):
        name = one_line(parameter.name)[:60]
        if name not in PARAMETERS:
            raise _usage(
                f"there is no parameter {name!r}", f"the parameters are {', '.join(PARAMETERS)}"
            )
        if parameter.string is None:
            raise _usage(
                f"the parameter {name} must have a string", f"write string: {name.upper()}"
            )
        if name in given:
            raise _usage(f"the parameter {name} is given twice", "remove one of the two")
        given[name] = parameter.string
    for name in PARAMETERS:
        variable = f"ARGOCD_ENV_{name.upper()}"
        value = environment.get(variable)
        if value is None:
            continue
        if given.setdefault(name, value) != value:
            raise _usage(
                f"the parameter {name} and plugin.env {name.upper()} do not agree",
                "remove one of the two from the Application",
            )
    return given


def _announced(text: str) -> list[_Parameter]:
    try:
        return msgspec.json.decode(text, type=list[_Parameter] | None) or []
    except msgspec.DecodeError as error:
        raise _usage(
            "ARGOCD_APP_PARAMETERS is not a list of parameters",
            "write spec.source.plugin.parameters as [{name: cluster, string: NAME}]",
        ) from error


def _settings(environment: Mapping[str, str]) -> Settings:
    timeout = environment.get(f"{_PREFIX}TIMEOUT")
    slots = environment.get(f"{_PREFIX}SLOTS")
    return Settings(
        timeout=_number(f"{_PREFIX}TIMEOUT", timeout) if timeout else DEFAULT_TIMEOUT,
        slots=max(1, int(_number(f"{_PREFIX}SLOTS", slots))) if slots else _default_slots(),
        scratch=environment.get("TMPDIR") or Settings().scratch,
        any_name=_flag(environment, "ANY_NAME"),
        any_kind=_flag(environment, "ANY_KIND"),
    )


def _default_slots() -> int:
    return min(MOST_SLOTS, len(os.sched_getaffinity(0)))


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(_PREFIX + name, "")
    if value not in ("", "false", "true"):
        raise _usage(f"{_PREFIX}{name} must be true or false", "correct the sidecar's env")
    return value == "true"


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 86400:
        raise _usage(f"{name} must be a number above 0", "for a time limit, seconds")
    return number


def _usage(message: str, hint: str) -> ArmadaError:
    return ArmadaError(Problem(message=message, hint=hint, code=ExitCode.USAGE))
