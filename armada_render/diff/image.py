"""Images that containers run afterwards, seen in the changes of fields. Pure."""

from collections.abc import Iterable

from armada_render.diff.fields import FieldChange, Item
from armada_render.diff.model import ImageChange, ObjectChange
from armada_render.model.resource import ObjectReference

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def images(objects: Iterable[ObjectChange]) -> tuple[ImageChange, ...]:
    """Return the images that change, equal ones of several clusters together."""
    found: dict[tuple[ObjectReference, str, str, str], list[str]] = {}
    for item in objects:
        for field in item.fields:
            container = _container(field)
            if container and isinstance(field.before, str) and isinstance(field.after, str):
                key = (item.ref, container, field.before, field.after)
                found.setdefault(key, []).extend(item.clusters)
    return tuple(
        sorted(
            ImageChange(
                ref=ref,
                container=container,
                before=before,
                after=after,
                clusters=tuple(sorted(clusters)),
            )
            for (ref, container, before, after), clusters in found.items()
        )
    )


def _container(field: FieldChange) -> str:
    """Return the name of the container whose image a change is about, "" for other changes."""
    path = field.path
    if len(path) < 3 or path[-1] != "image" or path[-3] not in _CONTAINERS:
        return ""
    step = path[-2]
    return str(step.value) if isinstance(step, Item) else f"[{step}]"
