"""`status.conditions`, as the scripts of many kinds read them."""

from collections.abc import Iterator
from typing import Any

from armada_render.interpret.thirdparty.semantics import elements, optional, required
from armada_render.model.resource import Manifest


def conditions(manifest: Manifest) -> tuple[Any, ...] | None:
    """Return `status.conditions`, None when absent."""
    found = optional(manifest, "status", "conditions")
    return None if found is None else tuple(elements(found, "status.conditions"))


def true_conditions(manifest: Manifest) -> Iterator[tuple[Any, Any]]:
    """Yield type and reason of the conditions whose status is "True"."""
    for condition in conditions(manifest) or ():
        if required(condition, "status") == "True":
            yield required(condition, "type"), required(condition, "reason")


def is_ready_because(manifest: Manifest, *reasons: str) -> bool:
    """Tell whether a Ready condition is True for one of `reasons`."""
    return any(kind == "Ready" and reason in reasons for kind, reason in true_conditions(manifest))


def has_failed(manifest: Manifest) -> bool:
    """Tell whether a Failed condition is True."""
    return any(kind == "Failed" for kind, _ in true_conditions(manifest))
