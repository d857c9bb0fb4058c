"""Which clusters are feasible, and why the others are not (scheduling.md, filters).

Upstream runs the plugins of pkg/scheduler/framework/plugins in random order and notes the first
that refuses. Here the order is fixed, and reasons say which part of the policy is not met.
"""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from armada_render.model.affinity import matches
from armada_render.model.binding import Rejection
from armada_render.model.cluster import Cluster, Taint
from armada_render.model.selector import (
    ClusterAffinity,
    FieldSelector,
    SelectorRequirement,
    meets,
    why_unmet,
)
from armada_render.schedule.request import Request
from armada_render.schedule.snapshot import Snapshot


class Feasible(Struct, frozen=True, eq=False):
    """The clusters that pass all filters, ordered by name, and why each other one does not.

    `message` is what Karmada says when there is none (framework/types.go, FitError).
    """

    clusters: tuple[Cluster, ...]
    rejections: tuple[Rejection, ...]
    message: str = ""


class _Refusal(Struct, frozen=True):
    """A filter's no: the plugin, the reason for people, and Karmada's words for it."""

    rule: str
    reason: str
    text: str


class _Mismatch:
    """Says which part of an affinity a cluster does not meet, in the order of ClusterMatches."""

    def __init__(self, affinities: tuple[ClusterAffinity, ...]) -> None:
        self._affinity = affinities[0]
        self._suffix = ", and no overflow affinity matches" if len(affinities) > 1 else ""
        selector = self._affinity.label_selector
        self._requirements = () if selector is None else selector.requirements()

    def reason(self, cluster: Cluster) -> str:
        """Return what is not met."""
        return self._reason(cluster) + self._suffix

    def _reason(self, cluster: Cluster) -> str:
        if cluster.name in self._affinity.exclude:
            return "listed in exclude"
        if self._requirements is None:
            return "labelSelector is not valid and matches nothing"
        for requirement in self._requirements:
            if not meets((requirement,), cluster.labels):
                return why_unmet(requirement, cluster.labels)
        if self._affinity.field_selector is not None:
            for expression in self._affinity.field_selector.match_expressions:
                alone = ClusterAffinity(field_selector=FieldSelector((expression,)))
                if not matches(alone, cluster):
                    return _field_reason(expression, cluster)
        return "not listed in clusterNames"


class _Filters(Struct, frozen=True, eq=False):
    """The filters of one request, each as the set of clusters that it lets pass or stops."""

    selected: frozenset[str]
    mismatch: _Mismatch | None
    sticky: frozenset[str]
    evicting: frozenset[str]
    enabled: frozenset[str]
    untolerated: Mapping[str, Taint]
    lacking: Mapping[str, str]
    api: str

    def refusal(self, cluster: Cluster) -> _Refusal | None:
        """Return the first filter's no, None when the cluster is feasible."""
        name = cluster.name
        if self.mismatch is not None and name not in self.selected:
            return _Refusal(
                "ClusterAffinity",
                self.mismatch.reason(cluster),
                "cluster(s) did not match the placement cluster affinity constraint",
            )
        if name in self.evicting:
            return _Refusal(
                "ClusterEviction",
                "the resource is being evicted from it",
                "cluster(s) is in the process of eviction",
            )
        if name in self.lacking:
            lacked = self.lacking[name]
            return _Refusal(
                "SpreadConstraint",
                f"it has no {lacked} to spread by",
                f"cluster(s) did not have {lacked} property",
            )
        # A cluster that has the resource keeps it: taints and APIs stop newcomers only.
        return None if name in self.sticky else self._newcomer_refusal(name)

    def _newcomer_refusal(self, name: str) -> _Refusal | None:
        if name in self.untolerated:
            taint = _taint_text(self.untolerated[name])
            return _Refusal(
                "TaintToleration",
                f"untolerated taint {taint}",
                f"cluster(s) had untolerated taint {{{taint}}}",
            )
        if name not in self.enabled:
            return _Refusal(
                "APIEnablement",
                f"it does not serve {self.api}",
                "cluster(s) did not have the API resource",
            )
        return None


def feasible(snapshot: Snapshot, request: Request) -> Feasible:
    """Return the feasible clusters of `request` (generic_scheduler.go, findClustersThatFit)."""
    placement, ref = request.placement, request.binding.ref
    sticky = frozenset(target.name for target in request.targets)
    evicting = frozenset(request.evicting)
    question = (
        "feasible",
        snapshot.text(placement),
        request.term and request.term.affinity_name,
        request.binding.is_workload,
        (ref.api_version, ref.kind),
        sticky,
        evicting,
    )

    def answer() -> Feasible:
        affinities = request.affinities
        return _run(
            snapshot,
            _Filters(
                selected=frozenset().union(*map(snapshot.affinities.names, affinities)),
                mismatch=_Mismatch(affinities) if affinities else None,
                sticky=sticky,
                evicting=evicting,
                enabled=snapshot.enabled(ref.api_version, ref.kind),
                untolerated=snapshot.untolerated(placement.cluster_tolerations),
                lacking=snapshot.lacking(placement.spread_constraints),
                api=f"{ref.api_version} {ref.kind}",
            ),
        )

    return snapshot.remembered(question, answer)


def _run(snapshot: Snapshot, filters: _Filters) -> Feasible:
    clusters, rejections = [], []
    texts: Counter[str] = Counter()
    for cluster in snapshot.clusters:
        if cluster.is_terminating:
            rejections.append(
                snapshot.rejection(cluster.name, "Terminating", "it is being deleted")
            )
        elif (refusal := filters.refusal(cluster)) is None:
            clusters.append(cluster)
        else:
            rejections.append(snapshot.rejection(cluster.name, refusal.rule, refusal.reason))
            texts[refusal.text] += 1
    # Clusters being deleted count among all, but upstream notes no reason for them.
    reasons = ", ".join(sorted(f"{count} {text}" for text, count in texts.items()))
    return Feasible(
        clusters=tuple(clusters),
        rejections=tuple(rejections),
        message=f"0/{len(snapshot.clusters)} clusters are available: "
        f"{reasons or 'no cluster exists'}.",
    )


def _taint_text(taint: Taint) -> str:
    return (
        f"{taint.key}={taint.value}:{taint.effect}"
        if taint.value
        else f"{taint.key}:{taint.effect}"
    )


def _field_reason(expression: SelectorRequirement, cluster: Cluster) -> str:
    spec = cluster.spec
    values = cluster.zones if expression.key == "zone" else (getattr(spec, expression.key, ""),)
    has = ", ".join(filter(None, values)) or "not set"
    return (
        f"fieldSelector wants {expression.key} {expression.operator} "
        f"{', '.join(expression.values)}; it is {has}"
    )
