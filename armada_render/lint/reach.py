"""Reach into manifests whose shape nobody has checked: what is not there, or odd, is just absent.

Rules read kinds of many projects. What is wrong with an object is said by `validate`, not by them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from armada_render.model.selector import LabelSelector

Node = Mapping[str, Any]

_NOTHING: Node = {}


def node(value: object, *path: str) -> Node:
    """Return the object at `path` below `value`, an empty one when there is none."""
    for key in path:
        if not isinstance(value, dict):
            return _NOTHING
        value = value.get(key)
    return value if isinstance(value, dict) else _NOTHING


def nodes(value: object, *path: str) -> Iterator[tuple[int, Node]]:
    """Yield the objects of the list at `path` with their positions."""
    found = node(value, *path[:-1]).get(path[-1]) if path else value
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield index, item


def text(value: object, *path: str) -> str:
    """Return the text at `path`, "" when there is none."""
    found = node(value, *path[:-1]).get(path[-1]) if path else value
    return found if isinstance(found, str) else ""


def texts(value: object, *path: str) -> tuple[str, ...]:
    """Return the texts of the list at `path`."""
    found = node(value, *path[:-1]).get(path[-1]) if path else value
    items = found if isinstance(found, list) else ()
    return tuple(item for item in items if isinstance(item, str))


def selector(value: object) -> LabelSelector | None:
    """Return a label selector, None when there is none or Kubernetes would refuse it."""
    if not isinstance(value, dict):
        return None
    try:
        found = msgspec.convert(value, LabelSelector)
    except msgspec.ValidationError:
        return None
    return None if found.requirements() is None else found


def pod_template(manifest: Node) -> tuple[str, Node]:
    """Return where the template of an object's pods stands, and the template; empty if it has none.

    Found by its shape, so that workloads of other projects (Rollout, CloneSet, Knative Service)
    are found too. A Pod is its own template.
    """
    if manifest.get("kind") == "Pod" and manifest.get("apiVersion") == "v1":
        return "", manifest
    for path in (("spec", "template"), ("spec", "jobTemplate", "spec", "template")):
        template = node(manifest, *path)
        if isinstance(node(template, "spec").get("containers"), list):
            return ".".join(path), template
    return "", _NOTHING


def group(api_version: str) -> str:
    """Return the API group, "" for the core."""
    name, slash, _ = api_version.partition("/")
    return name if slash else ""
