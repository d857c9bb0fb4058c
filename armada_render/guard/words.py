"""What a guard tells the operator: what would be removed, from where, and why that is too much."""

from collections.abc import Iterator, Sequence

from armada_render.errors import ExitCode, Problem
from armada_render.guard.limits import Verdict
from armada_render.model.acknowledgement import ObjectKey, Removal

_MOST_LINES = 20
_MOST_NAMES = 8
LAST = " (the last copy)"


def refusal(verdict: Verdict, compared_with: str, hint: str) -> Problem:
    """Return the problem of a verdict; `compared_with` is what the clusters have now."""
    removals = verdict.removals
    clusters = sorted({one.cluster for one in removals})
    lines = list(_lines(verdict))
    if len(lines) > _MOST_LINES:
        rest = len(lines) - _MOST_LINES
        lines = [*lines[:_MOST_LINES], f"and {rest} more like these"]
    headline = (
        f"{counted(len(removals), 'object')} would be removed from "
        f"{names(clusters)}, compared with {compared_with}, and nothing in Git says that it is "
        "meant:"
    )
    return Problem(
        message="\n  ".join([headline, *lines]),
        hint=hint,
        code=ExitCode.GUARD,
    )


def _lines(verdict: Verdict) -> Iterator[str]:
    yield from _emptied_lines(verdict)
    pairs: dict[tuple[str, str], list[Removal]] = {}
    for one in verdict.removals:
        if one.cluster not in verdict.emptied:
            pairs.setdefault((one.app, one.cluster), []).append(one)
    groups: dict[tuple[str, int, tuple[ObjectKey, ...]], list[str]] = {}
    for (app, cluster), group in pairs.items():
        count = verdict.counts[cluster, app]
        keys = tuple(one.key for one in group)
        groups.setdefault((app, count, keys), []).append(cluster)
    for (app, count, keys), clusters in sorted(groups.items()):
        yield f"{app} on {names(clusters)}: {_share(len(keys), count)}: {_titles(keys, verdict)}"
    yield from _shrunk_lines(verdict)


def _emptied_lines(verdict: Verdict) -> Iterator[str]:
    if verdict.emptied:
        count = sum(verdict.counts[cluster, ""] for cluster in verdict.emptied)
        yield (
            f"{names(verdict.emptied)}: nothing would be left ({counted(count, 'object')}), though "
            "all of it runs elsewhere; that many clusters must not be emptied at once"
        )


def _shrunk_lines(verdict: Verdict) -> Iterator[str]:
    for cluster in verdict.shrunk:
        lost = [one for one in verdict.removals if cluster in ("", one.cluster)]
        pairs = [pair for pair in verdict.counts if pair[1] == "" and cluster in ("", pair[0])]
        count = sum(verdict.counts[pair] for pair in pairs)
        # With one app the line of that app has said it.
        if len({one.app for one in lost}) > 1:
            where = f"on {cluster}" if cluster else "on all clusters together"
            yield f"{where}: {_share(len(lost), count)}"


def _share(number: int, count: int) -> str:
    if number == count:
        return "the only object" if count == 1 else f"all {count} objects"
    return f"{number} of {counted(count, 'object')}"


def _titles(keys: Sequence[ObjectKey], verdict: Verdict) -> str:
    # Those that matter most first, since long lists are cut.
    ordered = sorted(keys, key=lambda key: (key not in verdict.last, key))
    shown = [key.title + (LAST if key in verdict.last else "") for key in ordered]
    return names(shown, _MOST_NAMES)


def names(items: Sequence[str], most: int = 5) -> str:
    """Return `items` as a list for people, cut when it is long."""
    if len(items) <= most + 1:
        return ", ".join(items)
    return f"{', '.join(items[:most])} and {len(items) - most} more"


def counted(number: int, noun: str) -> str:
    """Return `1 object`, `2 objects`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
