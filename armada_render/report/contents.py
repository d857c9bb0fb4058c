"""What the page holds, as plain data that its script reads.

Rows, placements and reasons repeat themselves across a fleet: each is kept once, rows point to it.
"""

import base64
import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from armada_render.diff import Document
from armada_render.errors import Problem
from armada_render.explain import Evidence, brief_lines
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.report.capacity import Share, readable, shares
from armada_render.simulate import Outcome

_CHUNK = 200
"""Objects whose reasons are packed together: what a click unpacks."""


class Contents(Struct, frozen=True, kw_only=True):
    """`data` is what the script draws, `reasons` its packed texts; the rest stands in the HTML.

    `changes` is what differs from another revision, `failures` what comes of the loss of each
    cluster; None when that was not asked.
    """

    title: str
    summary: str
    data: dict[str, Any]
    reasons: tuple[str, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    changes: Document | None = None
    failures: tuple[Outcome, ...] | None = None


def contents(
    title: str,
    evidence: Evidence,
    *,
    locate_problems: Callable[[tuple[Problem, ...]], Sequence[Problem]],
    changes: Document | None = None,
    failures: tuple[Outcome, ...] | None = None,
) -> Contents:
    """Return what the page about a rendering holds; `locate_problems` finds their lines."""
    fleet, rendering = evidence.fleet, evidence.rendering
    places = _Once()
    policies = _Once()
    index = {cluster.name: number for number, cluster in enumerate(fleet.clusters)}
    rows = []
    texts = []
    for binding, lines in sorted(brief_lines(evidence), key=lambda pair: _order(pair[0])):
        held = rendering.suspended.get(binding.ref, ())
        rows.append(_row(binding, held, index, places, policies))
        texts.append("\n".join(lines))
    placed = sum(1 for binding in rendering.bindings if binding.targets)
    used = sum(1 for cluster in fleet.clusters if rendering.works.get(cluster.name))
    return Contents(
        title=title,
        summary=f"{_count(placed, 'object')} on {used} of {_count(len(fleet.clusters), 'cluster')}",
        data={
            "clusters": _clusters(fleet.clusters, rendering.bindings),
            "policies": policies.values,
            "places": places.values,
            "rows": rows,
            "chunk": _CHUNK,
        },
        reasons=tuple(
            _packed(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)
        ),
        problems=tuple(locate_problems(rendering.problems)),
        warnings=tuple(locate_problems(rendering.warnings)),
        changes=changes,
        failures=failures,
    )


class _Once:
    """Values by the number under which each is kept."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:  # noqa: ANN401 - whatever can be a key
        found = self._numbers.setdefault(value, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


def _row(
    binding: ResourceBinding,
    held: Sequence[str],
    index: Mapping[str, int],
    places: _Once,
    policies: _Once,
) -> list[Any]:
    """Return `[namespace, kind, name, app, policy, place, is workload, problem]`.

    A place is a list of `[cluster, replicas, mark]`; marks: 1 held back, 2 being moved away.
    """
    ref = binding.ref
    leaving = {task.from_cluster for task in binding.eviction_tasks}
    place = [
        (
            index[target.name],
            target.replicas if binding.is_workload else 0,
            1 if target.name in held else 0,
        )
        for target in binding.targets
        if target.name in index
    ]
    place += [
        (index[name], 0, 2)
        for name in sorted(leaving - {target.name for target in binding.targets})
        if name in index
    ]
    policy = binding.policy.key if binding.policy else ""
    return [
        ref.namespace,
        ref.kind,
        ref.name,
        binding.template.app,
        policies.number(policy),
        places.number(tuple(sorted(place))),
        int(binding.is_workload),
        str(binding.reason),
    ]


def _clusters(
    clusters: Sequence[Cluster], bindings: Iterable[ResourceBinding]
) -> list[dict[str, Any]]:
    by_cluster = shares(clusters, bindings)
    return [
        {
            "name": cluster.name,
            "where": " ".join(
                filter(None, (cluster.spec.provider, cluster.spec.region, *cluster.zones))
            ),
            "labels": [f"{key}={value}" for key, value in sorted(cluster.labels.items())],
            "taints": [
                f"{taint.key}{f'={taint.value}' if taint.value else ''}:{taint.effect}"
                for taint in cluster.spec.taints
            ],
            "shares": [_share(share) for share in by_cluster[cluster.name]],
        }
        for cluster in clusters
    ]


def _share(share: Share) -> list[Any]:
    """Return `[resource, asked, used, total, asked %, used %]`; null where nothing is known."""
    total, used = share.total, share.used
    if total is None or used is None:
        return [share.resource, readable(share.asked, share.resource), None, None, None, None]
    return [
        share.resource,
        *(readable(amount, share.resource) for amount in (share.asked, used, total)),
        _percent(share.asked, total),
        _percent(used, total),
    ]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole > 0 else (100.0 if part else 0.0)


def _order(binding: ResourceBinding) -> tuple[str, str, str, str, str]:
    ref = binding.ref
    return binding.template.app, ref.namespace, ref.kind, ref.name, ref.api_version


def _packed(texts: Sequence[str]) -> str:
    packed = gzip.compress(msgspec.json.encode(texts), compresslevel=6, mtime=0)
    # The tenth byte names the system that packed: Python 3.11 fills it in, 3.13 leaves it unknown.
    return base64.b64encode(packed[:9] + b"\xff" + packed[10:]).decode()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
