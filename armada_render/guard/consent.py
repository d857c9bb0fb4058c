"""What Git says may go: entries of `retire`, and acknowledgements of exact lists.

`retire` in `armada.yaml` says what is to be: nothing of an app on a cluster. It holds for as long
as it stands there, and nothing may be placed there meanwhile. An acknowledgement says that one
change may happen: it lists what leaves, and is spent when the change has been made.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import count

from msgspec import Struct

from armada_render.errors import ExitCode, Problem
from armada_render.guard.snapshot import Snapshot
from armada_render.model.acknowledgement import (
    API_VERSION,
    KIND,
    Acknowledgement,
    Removal,
    removals_digest,
)
from armada_render.model.config import CONFIG_NAME, Retirement
from armada_render.model.fleet import Fleet
from armada_render.yamlio import dumps

NAME_LETTERS = 12


class Consent(Struct, frozen=True, kw_only=True):
    """What may go; `spent` are digests of acknowledgements whose change has been made already."""

    retired: Sequence[Retirement] = ()
    acknowledgements: Sequence[Acknowledgement] = ()
    spent: Collection[str] = ()

    def covers(self, removal: Removal) -> bool:
        """Tell whether Git says that this may go."""
        return any(one.covers(removal.cluster, removal.app) for one in self.retired) or any(
            removal in one.removals for one in self.acknowledgements if one.digest not in self.spent
        )


def consent(fleet: Fleet, retired: Sequence[Retirement], spent: Collection[str] = ()) -> Consent:
    """Return what `fleet` and the settings say may go."""
    return Consent(retired=retired, acknowledgements=fleet.acknowledgements, spent=spent)


def spent_with(
    acknowledgements: Iterable[Acknowledgement],
    known: Collection[str],
    scope: Callable[[str], bool],
) -> list[str]:
    """Return the digests of acknowledgements that are spent when a tree has been written.

    Those are the ones in its index (`known`), and those for paths in `scope` only.
    """
    return [
        one.digest
        for one in acknowledgements
        if one.digest in known
        or all(scope(f"{removal.cluster}/{removal.app}/") for removal in one.removals)
    ]


def stale(given: Consent, after: Snapshot) -> Iterator[Problem]:
    """Warn of acknowledgements that speak of nothing any more."""
    for one in given.acknowledgements:
        back = sorted(
            removal for removal in one.removals if removal.key in after.get(removal.cluster, ())
        )
        if back:
            first = back[0]
            message = f"acknowledges that {first.key.title} leaves {first.cluster}, but it is there"
        elif one.digest in given.spent:
            message = "acknowledges a removal that has been made"
        else:
            continue
        yield Problem(message=message, location=one.location, hint="delete the file")


def contradictions(retired: Iterable[Retirement], after: Snapshot) -> Iterator[Problem]:
    """Refuse to place what is to be nowhere."""
    for index, entry in enumerate(retired):
        found = [
            (cluster, copy.app)
            for cluster, copies in after.items()
            for copy in copies.values()
            if entry.covers(cluster, copy.app)
        ]
        if found:
            what = entry.app or "everything"
            where = f" from {entry.cluster}" if entry.cluster else ""
            places = ", ".join(sorted({cluster for cluster, _ in found})[:5])
            goes = "1 object goes" if len(found) == 1 else f"{len(found)} objects go"
            yield Problem(
                message=f"{what} is retired{where}, but {goes} to {places}",
                field=f"retire[{index}]",
                hint=f"remove the entry from {CONFIG_NAME}, or change the policies",
                code=ExitCode.GUARD,
            )


def acknowledgement_text(
    removals: Iterable[Removal], reason: str, by: str, spent: Collection[str] = ()
) -> tuple[str, str]:
    """Return the name of the file that acknowledges `removals`, and what it holds.

    A digest that is among `spent` holds no more: then it is another round.
    """
    given = frozenset(removals)
    round_ = next(number for number in count(1) if removals_digest(given, number) not in spent)
    digest = removals_digest(given, round_)
    return f"{digest.partition(':')[2][:NAME_LETTERS]}.yaml", dumps(
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "reason": reason,
            **({"by": by} if by else {}),
            **({"round": round_} if round_ > 1 else {}),
            "digest": digest,
            "removed": [
                {"app": app, "clusters": list(clusters), "objects": list(objects)}
                for app, clusters, objects in grouped(given)
            ],
        }
    )


def grouped(removals: Iterable[Removal]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return app, clusters and objects, where clusters that lose the same stand together."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for one in sorted(removals):
        pairs.setdefault((one.app, one.cluster), []).append(str(one.key))
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (app, cluster), objects in pairs.items():
        groups.setdefault((app, tuple(objects)), []).append(cluster)
    return sorted((app, tuple(clusters), objects) for (app, objects), clusters in groups.items())
