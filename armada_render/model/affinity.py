"""Which member clusters a ClusterAffinity selects (ClusterMatches in pkg/util/selector.go)."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from armada_render.model.cluster import Cluster
from armada_render.model.placement import Placement
from armada_render.model.selector import (
    ClusterAffinity,
    FieldSelector,
    Requirement,
    SelectorRequirement,
    label_value_error,
    meets,
    qualified_name_error,
)


def matches(affinity: ClusterAffinity, cluster: Cluster) -> bool:
    """Tell whether `affinity` selects `cluster`; one that cannot be built selects nothing."""
    return any(_selected(affinity, (cluster,)))


def _selected(affinity: ClusterAffinity, clusters: Iterable[Cluster]) -> Iterator[str]:
    """Yield the names of the clusters that `affinity` selects; its labels are built once."""
    requirements: tuple[Requirement, ...] | None = ()
    if affinity.label_selector is not None:
        requirements = affinity.label_selector.requirements()
    if requirements is None:
        return
    fields, names, excluded = affinity.field_selector, affinity.cluster_names, affinity.exclude
    for cluster in clusters:
        if (
            cluster.name not in excluded
            and (not names or cluster.name in names)
            and meets(requirements, cluster.labels)
            and (fields is None or _fields_match(fields, cluster))
        ):
            yield cluster.name


def _fields_match(selector: FieldSelector, cluster: Cluster) -> bool:
    # An empty provider or region, and any other key, is an absent field (extractClusterFields).
    fields = {"provider": cluster.spec.provider, "region": cluster.spec.region}
    zones = cluster.zones
    for expression in selector.match_expressions:
        if expression.key == "zone":
            met = _zones_match(expression, zones)
        else:
            met = _value_matches(expression, fields.get(expression.key) or None)
        if not met:
            return False
    return True


def _zones_match(expression: SelectorRequirement, zones: tuple[str, ...]) -> bool:
    match expression.operator:
        case "In":
            return not set(expression.values).isdisjoint(zones)
        case "NotIn":
            return set(expression.values).isdisjoint(zones)
        case "Exists":
            return bool(zones)
        case "DoesNotExist":
            return not zones
        case _:
            return False


def _value_matches(expression: SelectorRequirement, value: str | None) -> bool:
    """Tell whether a field meets a requirement as a label would (labels/selector.go, Matches).

    Only weight rules get here with operators other than In and NotIn: admission looks at the
    field selectors of affinities alone.
    """
    values = expression.values
    if qualified_name_error(expression.key) or any(map(label_value_error, values)):
        return False
    match expression.operator:
        case "In":
            met = value in values
        case "NotIn":
            met = bool(values) and value not in values
        case "Exists":
            met = value is not None and not values
        case "DoesNotExist":
            met = value is None and not values
        case "Gt" | "Lt":
            met = _compares(value, expression)
        case _:
            met = False
    return met


def _compares(value: str | None, expression: SelectorRequirement) -> bool:
    """Tell whether a field that is a whole number lies above or below the only value."""
    bounds = [_integer(bound) for bound in expression.values]
    number = _integer(value)
    if len(bounds) != 1 or bounds[0] is None or number is None:
        return False
    return number > bounds[0] if expression.operator == "Gt" else number < bounds[0]


def _integer(text: str | None) -> int | None:
    # strconv.ParseInt; label syntax leaves no other way to write a number than digits.
    return int(text) if text and text.isascii() and text.isdigit() else None


class AffinityIndex:
    """Which of a set of clusters each affinity selects; each distinct one is evaluated once."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        self._clusters = tuple(clusters)
        self._by_text: dict[bytes, frozenset[str]] = {}
        # The affinity is kept with its answer so that no other object gets its id.
        self._by_id: dict[int, tuple[ClusterAffinity, frozenset[str]]] = {}

    def names(self, affinity: ClusterAffinity) -> frozenset[str]:
        """Return the names of the clusters that `affinity` selects."""
        known = self._by_id.get(id(affinity))
        if known is not None:
            return known[1]
        text = _text(affinity)
        selected = self._by_text.get(text)
        if selected is None:
            selected = frozenset(_selected(affinity, self._clusters))
            self._by_text[text] = selected
        self._by_id[id(affinity)] = (affinity, selected)
        return selected

    def reach(self, placement: Placement) -> frozenset[str]:
        """Return the clusters that any affinity of a placement selects; without one, all."""
        own = placement.cluster_affinity
        terms: list[ClusterAffinity] = [] if own is None else [own]
        for term in placement.cluster_affinities:
            terms += [term, *term.overflow_affinities]
        if not terms:
            return frozenset(cluster.name for cluster in self._clusters)
        return frozenset().union(*map(self.names, terms))


def _text(affinity: ClusterAffinity) -> bytes:
    # The selecting fields only, so that terms which differ in their names share an answer.
    return msgspec.json.encode(
        (
            affinity.label_selector,
            affinity.field_selector,
            affinity.cluster_names,
            affinity.exclude,
        )
    )
