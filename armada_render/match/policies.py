"""Which policy wins a template (pkg/util/selector.go, pkg/detector/{compare,policy}.go)."""

from collections.abc import Iterable, Mapping, Sequence

from armada_render.model.binding import PolicyVerdict
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.selector import ImplicitPriority

_NAMESPACED_CLAIM = (
    "propagationpolicy.karmada.io/namespace",
    "propagationpolicy.karmada.io/name",
)
_NAMESPACED_ID = "propagationpolicy.karmada.io/permanent-id"
_CLUSTER_CLAIM = "clusterpropagationpolicy.karmada.io/name"
_CLUSTER_ID = "clusterpropagationpolicy.karmada.io/permanent-id"

_Key = tuple[str, str, str, str]
_Candidate = tuple[PropagationPolicy, ImplicitPriority]


class PolicyIndex:
    """Policies by what their selectors name: a template meets only those that may take it."""

    def __init__(self, policies: Sequence[PropagationPolicy]) -> None:
        self._by_key: dict[_Key, list[PropagationPolicy]] = {}
        self._by_name = {(policy.namespace, policy.name): policy for policy in policies}
        for policy in sorted(policies, key=lambda policy: policy.name):
            keys = {
                (policy.namespace, selector.api_version, selector.kind, selector.name)
                for selector in policy.spec.resource_selectors
            }
            for key in keys:
                self._by_key.setdefault(key, []).append(policy)

    def winner(
        self, template: ResourceTemplate
    ) -> tuple[PropagationPolicy | None, tuple[PolicyVerdict, ...]]:
        """Return the policy that takes the template, None when none does, and how all compared.

        Any PropagationPolicy goes before every ClusterPropagationPolicy; within a kind the higher
        `spec.priority` wins, then the closer selector, then the name in byte order.
        """
        claimed = self._claim(template)
        if claimed is not None:
            return claimed
        ref = template.ref
        scopes = (ref.namespace, "") if ref.namespace else ("",)
        verdicts: list[PolicyVerdict] = []
        best: _Candidate | None = None
        for scope in scopes:
            for candidate in self._candidates(scope, template):
                best = best or candidate
                verdicts.append(_verdict(candidate, best))
        return (best[0] if best else None), tuple(verdicts)

    def _candidates(self, scope: str, template: ResourceTemplate) -> list[_Candidate]:
        ref = template.ref
        named = self._by_key.get((scope, ref.api_version, ref.kind, ref.name), ())
        general = self._by_key.get((scope, ref.api_version, ref.kind, ""), ())
        matching = []
        labels = template.labels
        for policy in _unique(named, general):
            implicit = _implicit_priority(policy, ref, labels)
            if implicit:
                matching.append((policy, implicit))
        matching.sort(key=lambda pair: (-pair[0].spec.priority, -pair[1], pair[0].name))
        return matching

    def _claim(
        self, template: ResourceTemplate
    ) -> tuple[PropagationPolicy | None, tuple[PolicyVerdict, ...]] | None:
        """Return what a claim in the template itself decides, None when it carries none.

        Exports of a live control plane carry the claim; upstream it goes before all matching, and
        a claim whose policy no longer selects the object holds it back (pkg/detector/detector.go).
        """
        annotations, labels = template.annotations, template.labels
        namespace, name = (annotations.get(key, "") for key in _NAMESPACED_CLAIM)
        if namespace and name and labels.get(_NAMESPACED_ID):
            policy = self._by_name.get((namespace, name))
        elif annotations.get(_CLUSTER_CLAIM) and labels.get(_CLUSTER_ID):
            policy = self._by_name.get(("", annotations[_CLUSTER_CLAIM]))
        else:
            return None
        if policy is None:
            return None
        implicit = _implicit_priority(policy, template.ref, labels)
        verdict = PolicyVerdict(
            policy.key,
            policy.spec.priority,
            implicit,
            bool(implicit),
            "the template carries its claim"
            if implicit
            else "the template carries its claim, but the policy no longer selects it",
        )
        return (policy if implicit else None), (verdict,)


def _unique(
    named: Iterable[PropagationPolicy], general: Iterable[PropagationPolicy]
) -> Iterable[PropagationPolicy]:
    if not named:
        return general
    if not general:
        return named
    return {policy.key: policy for policy in (*named, *general)}.values()


def _implicit_priority(
    policy: PropagationPolicy, ref: ObjectReference, labels: Mapping[str, str]
) -> ImplicitPriority:
    best = ImplicitPriority.MISMATCH
    for selector in policy.spec.resource_selectors:
        best = max(best, selector.priority(ref, labels))
    return best


def _verdict(candidate: _Candidate, best: _Candidate) -> PolicyVerdict:
    policy, implicit = candidate
    won = candidate is best
    reason = "" if won else _why_lost(candidate, best)
    return PolicyVerdict(policy.key, policy.spec.priority, implicit, won, reason)


def _why_lost(candidate: _Candidate, best: _Candidate) -> str:
    policy, implicit = candidate
    winner, closest = best
    if winner.namespace and not policy.namespace:
        return f"{winner.key} is namespaced and goes first"
    if winner.spec.priority != policy.spec.priority:
        return f"{winner.key} has the higher priority {winner.spec.priority}"
    if closest != implicit:
        return f"{winner.key} selects it more closely, {_CLOSENESS[closest]}"
    return f"{winner.key} is equal and comes first by name"


_CLOSENESS = {
    ImplicitPriority.MATCH_ALL: "by kind",
    ImplicitPriority.MATCH_LABEL: "by label",
    ImplicitPriority.MATCH_NAME: "by name",
}
