"""Ask a live API server about itself: version, nodes, pods, served APIs; or list what it stores.

Only `clusters import` comes here, and only then the kubernetes package is needed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from armada_render.controller.kube import Kube, KubeError, from_kubeconfig
from armada_render.errors import Problem, SourceError, one_line
from armada_render.inventory.imported import Survey

_PAGE = "500"
_REFUSED = (401, 403)


def connect(kubeconfig: str | None, context: str) -> Kube:
    """Return the API server of a context. Raises `SourceError`."""
    try:
        return from_kubeconfig(kubeconfig, context)
    except KubeError as error:
        raise SourceError(
            Problem(
                message=f"there is no file and no context {one_line(context)}: {error}",
                hint="kubectl config get-contexts lists them; --kubeconfig names another file",
                code=SourceError.exit_code,
            )
        ) from error


def survey(kube: Kube, name: str) -> Survey:
    """Return what the server says; raises `SourceError` when it does not even say its version."""
    notes: list[str] = []
    try:
        version = str(_object(kube, "/version").get("gitVersion", ""))
    except KubeError as error:
        raise _failed(kube, error) from error
    nodes = _listed(kube, "/api/v1/nodes", f"{name}: nodes: capacity, region and zones", notes)
    pods = None
    if nodes is not None:
        pods = _listed(kube, "/api/v1/pods", f"{name}: pods: what is in use", notes)
    return Survey(
        version=version, nodes=nodes, pods=pods, apis=_apis(kube, name, notes), notes=tuple(notes)
    )


def objects(kube: Kube, path: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return all objects of a list, page by page. Raises `SourceError`."""
    try:
        return list(_pages(kube, path, query))
    except KubeError as error:
        raise _failed(kube, error) from error


def _pages(kube: Kube, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    token = ""
    while True:
        page = _object(
            kube, path, {**query, "limit": _PAGE, **({"continue": token} if token else {})}
        )
        yield from page.get("items") or ()
        token = str((page.get("metadata") or {}).get("continue") or "")
        if not token:
            return


def _listed(kube: Kube, path: str, what: str, notes: list[str]) -> list[Mapping[str, Any]] | None:
    """Return a list; None, with a note, when it may not be seen."""
    try:
        return list(_pages(kube, path, {}))
    except KubeError as error:
        if error.status not in _REFUSED:
            raise _failed(kube, error) from error
        notes.append(f"{what} cannot be seen ({error.status}), and counts as unknown")
        return None


def _apis(kube: Kube, name: str, notes: list[str]) -> list[Mapping[str, Any]] | None:
    """Return the lists of resources, or None: half of them would take kinds away."""
    try:
        versions = [f"/api/{one}" for one in _object(kube, "/api").get("versions") or ()]
        for group in _object(kube, "/apis").get("groups") or ():
            versions += [f"/apis/{one['groupVersion']}" for one in group.get("versions") or ()]
        return [_object(kube, path) for path in versions]
    except KubeError as error:
        notes.append(
            f"{name}: not every API answers ({one_line(str(error))[:120]}): which kinds it serves "
            "counts as unknown"
        )
        return None


def _object(kube: Kube, path: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(kube.get(path, query))
    except msgspec.DecodeError as error:
        raise KubeError(0, f"{path} is no JSON") from error
    if not isinstance(found, dict):
        raise KubeError(0, f"{path} is no object")
    return found


def _failed(kube: Kube, error: KubeError) -> SourceError:
    hint = "is it the right context, and is the cluster there?"
    if error.status in _REFUSED:
        hint = "give the user of the context a role that may read it: see docs/inventory.md"
    return SourceError(
        Problem(
            message=f"{one_line(kube.host)} does not tell: {one_line(str(error))[:300]}",
            hint=hint,
            code=SourceError.exit_code,
        )
    )
