"""A decision as files of the repository: lock, taints, frozen manifests. Pure.

Paths are below the rendered root. None stands for a file that goes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from armada_render import lock
from armada_render.errors import InputError, Problem
from armada_render.failover import Decision
from armada_render.load.lockfile import lock_path
from armada_render.lock.state import stored
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.fleet import Fleet
from armada_render.yamlio import YamlError
from armada_render.yamlio.edit import REMOVE, Change, edited

Files = Mapping[str, bytes | None]


def files(fleet: Fleet, decision: Decision, read: Callable[[str], bytes]) -> Files:
    """Return what a decision writes; nothing when it changes nothing.

    `read` returns a file of the revision that the fleet was read from. Raises `InputError` when a
    Cluster stands in a file that cannot be edited.
    """
    return {
        **_lock_files(fleet, decision),
        **_cluster_files(fleet, decision, read),
        **decision.frozen,
    }


def _lock_files(fleet: Fleet, decision: Decision) -> Files:
    before = fleet.previous_bindings
    found: dict[str, bytes | None] = {
        lock_path(ref): None for ref in before if ref not in decision.states
    }
    for ref, state in decision.states.items():
        if ref not in before or stored(before[ref]) != stored(state):
            found[lock_path(ref)] = lock.text(state).encode()
    return found


def _cluster_files(fleet: Fleet, decision: Decision, read: Callable[[str], bytes]) -> Files:
    found: dict[str, bytes | None] = {}
    # An edit moves what stands below it, so the last document of a file comes first.
    for cluster in sorted(fleet.clusters, key=_place, reverse=True):
        taints = decision.taints.get(cluster.name)
        location = cluster.location
        if taints is None or location is None:
            continue
        data = found.get(location.path) or read(location.path)
        value = [_plain(taint) for taint in taints]
        change = Change(("spec", "taints"), value or REMOVE)
        try:
            found[location.path] = edited(
                data, [change], line=location.line, within=location.within
            )
        except YamlError as error:
            raise InputError(
                Problem(
                    message=f"its taints cannot be written: {error.message}",
                    location=location,
                    resource=f"Cluster/{cluster.name}",
                )
            ) from error
    return found


def _place(cluster: Cluster) -> tuple[str, int]:
    location = cluster.location
    return (location.path, location.line) if location else ("", 0)


def _plain(taint: Taint) -> dict[str, Any]:
    values = {
        "key": taint.key,
        "value": taint.value,
        "effect": taint.effect,
        "timeAdded": taint.time_added,
    }
    return {key: value for key, value in values.items() if value}
