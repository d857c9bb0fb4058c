"""Put imported clusters into an inventory: new files, and files that are brought up to date."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from armada_render.errors import InputError, Problem
from armada_render.inventory.files import FileChange, Inventory
from armada_render.inventory.imported import ImportedCluster
from armada_render.inventory.new import cluster_file
from armada_render.model.cluster import Cluster
from armada_render.yamlio.edit import REMOVE, Change


class Merged(Struct, frozen=True):
    """What becomes of files, and of each cluster, in a word."""

    changes: tuple[FileChange, ...]
    words: tuple[tuple[str, str], ...]


def merged(inventory: Inventory, found: Sequence[ImportedCluster], *, overwrite: bool) -> Merged:
    """Return what an import makes of an inventory.

    A cluster that is there already keeps what the import says nothing of, and its comments. Raises
    `InputError` for it unless `overwrite`.
    """
    _refuse_repeated(found)
    there = {cluster.name: cluster for cluster in inventory.clusters}
    known = [one for one in found if one.name in there]
    if known and not overwrite:
        raise InputError(_taken(there[one.name]) for one in known)
    edits = inventory.edits({one.name: _changes(there[one.name], one) for one in known})
    new = [
        FileChange(
            inventory.new_path(one.name),
            None,
            cluster_file(
                one.name,
                labels=one.labels,
                annotations=one.annotations,
                spec=one.spec,
                status=one.status,
            ),
        )
        for one in found
        if one.name not in there
    ]
    touched = {change.path for change in edits}
    words = []
    for one in sorted(found, key=lambda item: item.name):
        cluster = there.get(one.name)
        if cluster is None:
            words.append((one.name, "imported"))
        else:
            is_touched = cluster.location is not None and cluster.location.path in touched
            words.append((one.name, "updated" if is_touched else "unchanged"))
    return Merged((*edits, *new), tuple(words))


def _changes(cluster: Cluster, one: ImportedCluster) -> list[Change]:
    changes = [Change(("metadata", "labels", key), text) for key, text in one.labels.items()]
    changes += [
        Change(("metadata", "annotations", key), text) for key, text in one.annotations.items()
    ]
    spec: dict[str, Any] = dict(one.spec)
    if cluster.spec.sync_mode:
        spec.pop("syncMode", None)
    if spec.get("zones") and cluster.spec.zone:
        changes.append(Change(("spec", "zone"), REMOVE))
    changes += [Change(("spec", key), value) for key, value in spec.items()]
    changes += [Change(("status", key), value) for key, value in one.status.items()]
    return changes


def _taken(cluster: Cluster) -> Problem:
    return Problem(
        message=f"there is a Cluster {cluster.name} already",
        location=cluster.location,
        hint="--overwrite brings it up to date; comments and all else stay",
    )


def _refuse_repeated(found: Sequence[ImportedCluster]) -> None:
    names = [one.name for one in found]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            raise InputError(
                Problem(
                    message=f"{names.count(name)} clusters would be named {name}",
                    hint="give them names that differ where they come from",
                )
            )
