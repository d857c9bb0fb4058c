"""Which override rules act on an object, and in which order.

(getOverridersFromOverridePolicies in pkg/util/overridemanager/overridemanager.go)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from armada_render.build.overriders import Change, changes
from armada_render.model.affinity import AffinityIndex
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy
from armada_render.model.resource import ObjectReference
from armada_render.model.selector import ImplicitPriority, ResourceSelector
from armada_render.model.work import AppliedRule


class Rule(Struct, frozen=True, kw_only=True, eq=False):
    """An override rule with the names of the clusters it is for, None for all.

    `place` is its path within the spec: `overrideRules[1].`, or "" for the deprecated form.
    """

    key: AppliedRule
    place: str
    clusters: frozenset[str] | None
    changes: tuple[Change, ...]


class _Policy(Struct, frozen=True, kw_only=True, eq=False):
    name: str
    selectors: tuple[ResourceSelector, ...]
    rules: tuple[Rule, ...]


# Policies are found by what their selectors ask for: namespace of the policy, apiVersion, kind,
# and the name or one label.
_Key = tuple[str, ...]


class RuleIndex:
    """Override policies of a fleet, so that an object finds its own without looking at the rest."""

    def __init__(self, policies: Iterable[OverridePolicy], clusters: Sequence[Cluster]) -> None:
        affinities = AffinityIndex(clusters)
        self._policies: dict[_Key, list[_Policy]] = {}
        self._namespaces: set[str] = set()
        for policy in policies:
            entry = _Policy(
                name=policy.name,
                selectors=policy.spec.resource_selectors,
                rules=_rules(policy, affinities),
            )
            self._namespaces.add(policy.namespace)
            for key in _keys(policy):
                self._policies.setdefault(key, []).append(entry)

    def has_policies(self, namespace: str) -> bool:
        """Tell whether there are policies of a namespace, "" for ClusterOverridePolicies."""
        return namespace in self._namespaces

    def rules(
        self, namespace: str, ref: ObjectReference, labels: Mapping[str, str]
    ) -> tuple[Rule, ...]:
        """Return the rules for an object, the least specific policy's first.

        `namespace` is that of the policies, "" for ClusterOverridePolicies.
        """
        # By priority of the closest selector, then by name: what comes last wins.
        found: dict[tuple[ImplicitPriority, str], _Policy] = {}
        for key in _wanted(namespace, ref, labels):
            for policy in self._policies.get(key, ()):
                priority = _priority(policy, ref, labels)
                if priority:
                    found[priority, policy.name] = policy
        return tuple(rule for key in sorted(found) for rule in found[key].rules)


def _rules(policy: OverridePolicy, affinities: AffinityIndex) -> tuple[Rule, ...]:
    is_listed = bool(policy.spec.override_rules)
    return tuple(
        Rule(
            key=AppliedRule(policy.key, index),
            place=f"overrideRules[{index}]." if is_listed else "",
            clusters=(
                None if rule.target_cluster is None else affinities.names(rule.target_cluster)
            ),
            changes=tuple(changes(rule.overriders)),
        )
        for index, rule in enumerate(policy.rules)
    )


def _keys(policy: OverridePolicy) -> set[_Key]:
    if not policy.spec.resource_selectors:
        return {(policy.namespace,)}
    return {_key(policy.namespace, selector) for selector in policy.spec.resource_selectors}


def _key(namespace: str, selector: ResourceSelector) -> _Key:
    kind = (namespace, selector.api_version, selector.kind)
    if selector.name:
        return (*kind, selector.name)
    if selector.label_selector is not None and selector.label_selector.match_labels:
        return (*kind, *min(selector.label_selector.match_labels.items()))
    return kind


def _wanted(namespace: str, ref: ObjectReference, labels: Mapping[str, str]) -> Iterator[_Key]:
    kind = (namespace, ref.api_version, ref.kind)
    yield (namespace,)
    yield kind
    yield (*kind, ref.name)
    for item in labels.items():
        yield (*kind, *item)


def _priority(policy: _Policy, ref: ObjectReference, labels: Mapping[str, str]) -> ImplicitPriority:
    if not policy.selectors:
        return ImplicitPriority.MATCH_ALL
    return max(selector.priority(ref, labels) for selector in policy.selectors)


def by_rules(
    rules: Sequence[Rule], names: tuple[str, ...]
) -> dict[tuple[Rule, ...], tuple[str, ...]]:
    """Return the clusters `names`, grouped by which of `rules` act on them."""
    everywhere = 0
    # A bit for each rule that acts on some clusters only.
    masks: dict[str, int] = {}
    wanted = frozenset(names)
    for index, rule in enumerate(rules):
        if rule.clusters is None:
            everywhere |= 1 << index
            continue
        for name in rule.clusters & wanted:
            masks[name] = masks.get(name, 0) | 1 << index
    if not masks:
        return {_chosen(rules, everywhere): names}
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(masks.get(name, 0) | everywhere, []).append(name)
    return {_chosen(rules, mask): tuple(group) for mask, group in groups.items()}


def _chosen(rules: Sequence[Rule], mask: int) -> tuple[Rule, ...]:
    chosen: list[Rule] = []
    while mask:
        lowest = mask & -mask
        chosen.append(rules[lowest.bit_length() - 1])
        mask ^= lowest
    return tuple(chosen)
