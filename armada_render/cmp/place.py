"""Where the fleet of an application begins.

The command runs in the application's folder, inside a copy of the repository that other copies
stand beside. The copy's top is the nearest folder at or above with a `.git`, but never above what
`ARGOCD_APP_SOURCE_PATH` names: the climb follows that path backwards, name by name. The root of
the fleet is then, at or above the application and not above the top:

1. what the parameter `root` names, relative to the application's folder (`..`);
2. else the nearest folder that holds `armada.yaml`;
3. else the nearest folder below which a Cluster stands.
"""

import os
from collections.abc import Iterator

from msgspec import Struct

from armada_render.cmp.request import Request
from armada_render.errors import ArmadaError, ExitCode, GuardError, InputError, Problem, one_line
from armada_render.load import DirectorySource
from armada_render.model.config import CONFIG_NAME
from armada_render.yamlio import YamlError, load_documents

_CLUSTER = b"cluster.karmada.io"
_ARGOCD_SOURCE = ".argocd-source"


class Place(Struct, frozen=True):
    """The root as a path relative to the working directory, and the application's path below it."""

    root: str
    app: str


def find(folder: str, request: Request) -> Place:
    """Return the root for an application in `folder`, the absolute working directory."""
    highest = _highest(folder, request.source_path)
    level = _named(folder, request.root, highest) if request.root else _found(folder, highest)
    if level is None:
        raise InputError(
            Problem(
                message=f"neither {CONFIG_NAME} nor a Cluster at or above the application's path",
                hint=f"put {CONFIG_NAME} into the root of the fleet; with manifest-generate-paths, "
                "the root, the policies and the clusters must be among the paths",
            )
        )
    names = folder.split("/")
    return Place(_up(level), "/".join(names[len(names) - level :]))


def refuse_tampering(folder: str) -> None:
    """Refuse files of the application's folder that may have changed the plugin's parameters.

    Argo CD merges `.argocd-source.yaml` and `.argocd-source-<application>.yaml` into the source
    before it calls a plugin, so whoever may write there could choose the cluster.
    """
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - pathlib costs 11 ms of start-up
        if not (name.startswith(_ARGOCD_SOURCE) and name.endswith(".yaml")):
            continue
        problems: list[Problem] = []
        file = DirectorySource(folder).file(name, problems)
        if file is None or _names_plugin(file.data):
            raise GuardError(
                Problem(
                    message=f"{one_line(name)}: may change the plugin's parameters, and with them "
                    "the cluster",
                    hint="remove its plugin section; parameters belong into the Application",
                    code=ExitCode.GUARD,
                )
            )


def _names_plugin(data: bytes) -> bool:
    try:
        documents = load_documents(data)
    except YamlError:
        return True
    # Go finds fields whatever their case.
    return any(
        not isinstance(document.value, dict)
        or any(str(key).casefold() == "plugin" for key in document.value)
        for document in documents
    )


def _highest(folder: str, source_path: str) -> int:
    """Return how many levels above `folder` still belong to the repository."""
    names = [name for name in source_path.split("/") if name not in ("", ".")]
    level = 0
    for level, here in enumerate(_ancestors(folder)):
        if os.path.lexists(os.path.join(here, ".git")):  # noqa: PTH118
            return level
        if source_path and (not names or os.path.basename(here) != names.pop()):  # noqa: PTH119
            return level
    return 0


def _ancestors(folder: str) -> Iterator[str]:
    while True:
        yield folder
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return
        folder = parent


def _named(folder: str, root: str, highest: int) -> int:
    wanted = os.path.normpath(os.path.join(folder, root))  # noqa: PTH118
    for level, here in enumerate(_ancestors(folder)):
        if level > highest:
            break
        if here == wanted:
            return level
    raise ArmadaError(
        Problem(
            message="the parameter root must name the application's folder or one above it, "
            "within the repository",
            hint="write it relative to the application's path, for example ..",
            code=ExitCode.USAGE,
        )
    )


def _found(folder: str, highest: int) -> int | None:
    for level in range(highest + 1):
        if os.path.lexists(os.path.join(folder, _up(level), CONFIG_NAME)):  # noqa: PTH118
            return level
    for level in range(highest + 1):
        if _has_clusters(os.path.join(folder, _up(level))):  # noqa: PTH118
            return level
    return None


def _has_clusters(folder: str) -> bool:
    # Where `armada-render clusters init` writes; a large repository need not be searched then.
    usual = os.path.join(folder, "clusters")  # noqa: PTH118
    return any(
        _CLUSTER in file.data
        for place in (usual, folder)
        if os.path.isdir(place)  # noqa: PTH112
        for file in DirectorySource(place).files((), [])
    )


def _up(level: int) -> str:
    return "/".join([".."] * level) or "."
