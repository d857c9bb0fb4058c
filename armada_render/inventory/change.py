"""What becomes of a cluster's file when labels or taints change. Pure: bytes in, bytes out."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.errors import InputError, Problem
from armada_render.inventory.words import LabelWords, TaintWord, TaintWords
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.decode import format_path
from armada_render.yamlio import YamlError, load_documents
from armada_render.yamlio.edit import REMOVE, Change, edited

UNSCHEDULABLE = Taint(key="cluster.karmada.io/unschedulable", effect="NoSchedule")
"""What `karmadactl cordon` sets (pkg/karmadactl/cordon/cordon.go)."""


class Outcome(Struct, frozen=True):
    """What a command makes of one cluster: new labels or taints (None: as they are), in words."""

    word: str
    labels: Mapping[str, str] | None = None
    taints: tuple[Taint, ...] | None = None
    notes: tuple[str, ...] = ()


def labeled(cluster: Cluster, words: LabelWords, *, overwrite: bool) -> Outcome:
    """Return what setting and removing labels makes of a cluster, as `kubectl label` does.

    Raises `InputError` when a label has another value and `overwrite` is off.
    """
    old = cluster.labels
    for key, value in words.wanted.items():
        if old.get(key, value) != value and not overwrite:
            raise _refused(
                cluster,
                format_path(("metadata", "labels", key)),
                f'the label {key} is there already, with the value "{old[key]}"',
            )
    new = {
        key: value for key, value in {**old, **words.wanted}.items() if key not in words.unwanted
    }
    missing = tuple(f'label "{key}" not found.' for key in words.unwanted if key not in old)
    if new == old:
        return Outcome("not labeled", notes=missing)
    word = "labeled" if words.wanted else "unlabeled"
    return Outcome(word, labels=new, notes=missing)


def tainted(cluster: Cluster, words: TaintWords, *, overwrite: bool) -> Outcome:
    """Return what setting and removing taints makes of a cluster, as `karmadactl taint` does.

    Raises `InputError` when a taint is there already and `overwrite` is off, or one that is to go
    is not there.
    """
    old = cluster.spec.taints
    new = list(old)
    for word in words.wanted:
        taint = Taint(key=word.key, value=word.value, effect=word.effect)
        at = next((i for i, have in enumerate(new) if _matches(word, have)), None)
        if at is None:
            new.append(taint)
        elif not overwrite:
            raise _refused(
                cluster,
                "spec.taints",
                f"the taint {word.key} is there already with the effect {word.effect}",
            )
        elif new[at].value != word.value:
            new[at] = taint
    for word in words.unwanted:
        kept = [taint for taint in new if not _matches(word, taint)]
        if len(kept) == len(new):
            raise InputError(
                Problem(
                    message=f'taint "{word}" not found',
                    location=cluster.location,
                    resource=f"Cluster/{cluster.name}",
                )
            )
        new = kept
    if words.wanted and (words.unwanted or overwrite):
        word_ = "modified"
    else:
        word_ = "tainted" if words.wanted else "untainted"
    return Outcome(word_, taints=tuple(new))


def cordoned(cluster: Cluster) -> Outcome:
    """Return what `karmadactl cordon` makes of a cluster: nothing new is placed on it."""
    if any(_matches(_UNSCHEDULABLE, taint) for taint in cluster.spec.taints):
        return Outcome("already cordoned")
    return Outcome("cordoned", taints=(*cluster.spec.taints, UNSCHEDULABLE))


def uncordoned(cluster: Cluster) -> Outcome:
    """Return what `karmadactl uncordon` makes of a cluster."""
    kept = tuple(taint for taint in cluster.spec.taints if not _matches(_UNSCHEDULABLE, taint))
    if kept == cluster.spec.taints:
        return Outcome("already uncordoned")
    return Outcome("uncordoned", taints=kept)


_UNSCHEDULABLE = TaintWord(UNSCHEDULABLE.key, UNSCHEDULABLE.effect)


def _matches(word: TaintWord, taint: Taint) -> bool:
    """Tell whether the two have one key and effect; values do not matter (Taint.MatchTaint)."""
    return word.key == taint.key and word.effect in ("", taint.effect)


def _refused(cluster: Cluster, field: str, message: str) -> InputError:
    return InputError(
        Problem(
            message=message,
            location=cluster.location,
            field=field,
            resource=f"Cluster/{cluster.name}",
            hint="--overwrite replaces it",
        )
    )


def applied(data: bytes, cluster: Cluster, outcome: Outcome) -> bytes:
    """Return a cluster's file with an outcome in it. Raises `InputError` if it cannot be edited."""
    changes: list[Change] = []
    if outcome.labels is not None:
        changes += [
            Change(("metadata", "labels", key), outcome.labels.get(key, REMOVE))
            for key in sorted(outcome.labels.keys() | cluster.labels.keys())
        ]
    if outcome.taints is not None:
        changes.append(_taints_change(data, cluster, outcome.taints))
    return edited_file(data, cluster, changes)


def edited_file(data: bytes, cluster: Cluster, changes: Sequence[Change]) -> bytes:
    """Return a cluster's file after changes. Raises `InputError` if it cannot be edited."""
    location = cluster.location
    if location is None:
        raise InputError(f"it is not known where the cluster {cluster.name} was read from")
    try:
        return edited(data, changes, line=location.line, within=location.within)
    except YamlError as error:
        raise InputError(
            Problem(message=error.message, location=location, resource=f"Cluster/{cluster.name}")
        ) from error


def _taints_change(data: bytes, cluster: Cluster, taints: Sequence[Taint]) -> Change:
    if not taints:
        return Change(("spec", "taints"), REMOVE)
    written = _written_taints(data, cluster)
    entries = [
        next((item for item, known in written if known == taint), None) or _entry(taint)
        for taint in taints
    ]
    return Change(("spec", "taints"), entries)


def _written_taints(data: bytes, cluster: Cluster) -> list[tuple[Any, Taint]]:
    """Return the taints as the file writes them, with what they mean."""
    location = cluster.location
    for document in load_documents(data):
        if location is not None and document.line == location.line:
            value: Any = document.value
            for step in (*location.within, "spec", "taints"):
                if isinstance(value, Mapping) and step not in value:
                    return []
                value = value[step]
            if isinstance(value, list) and len(value) == len(cluster.spec.taints):
                return list(zip(value, cluster.spec.taints, strict=True))
    return []


def _entry(taint: Taint) -> dict[str, str]:
    fields = {"key": taint.key, "value": taint.value, "effect": taint.effect}
    if taint.time_added:
        fields["timeAdded"] = taint.time_added
    return {name: text for name, text in fields.items() if text}
