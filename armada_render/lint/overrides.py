"""Rules about override policies: which act on no cluster, which change nothing."""

from collections.abc import Iterator

from armada_render.lint.subject import Subject
from armada_render.lint.words import called, listed
from armada_render.model.override import OverridePolicy
from armada_render.model.resource import ObjectReference
from armada_render.model.result import Result, Rule
from armada_render.model.work import Action, AppliedRule, Work

NOWHERE = Rule(
    id="override-without-cluster",
    summary="An override rule matches no cluster that its objects may go to",
    description="The targetCluster of the rule selects no cluster of the inventory, or only "
    "clusters outside the clusterAffinity of everything that the policy selects.",
    fix="correct targetCluster, or remove the rule",
)
VAIN = Rule(
    id="override-changes-nothing",
    summary="An override rule acts, and changes nothing",
    description="Everywhere the rule acts the object is the same before and after it: the value "
    "is there already, or what should be replaced or removed is not.",
    fix="remove the rule, or correct its overriders; `explain` shows what each one does",
)

RULES = (NOWHERE, VAIN)


def check(subject: Subject) -> Iterator[Result]:
    """Find rules without effect."""
    acted: set[AppliedRule] = set()
    effective: set[AppliedRule] = set()
    passed: dict[AppliedRule, set[ObjectReference]] = {}
    for work, _ in subject.works:
        acted.update(work.applied)
        if not effective.issuperset(work.applied):
            effective |= _effects(work)
        for missed in work.trace.passed if work.trace else ():
            passed.setdefault(missed, set()).add(work.template)
    failed = {error.policy for error in subject.rendering.errors}
    for policy in subject.rendering.override_policies:
        for index, rule in enumerate(policy.rules):
            key = AppliedRule(policy.key, index)
            if key in acted:
                if key not in effective and policy.key not in failed:
                    yield _vain(subject, policy, index)
            elif rule.target_cluster is not None:
                yield from _nowhere(subject, policy, index, passed.get(key, set()))


def _effects(work: Work) -> set[AppliedRule]:
    """Return the rules that changed a Work."""
    found = set()
    steps = work.trace.steps if work.trace else ()
    for index, step in enumerate(steps):
        if step.action is Action.OVERRIDE and step.rule is not None and step.rule not in found:
            before = steps[index - 1].manifest
            if step.manifest is not before and step.manifest != before:
                found.add(step.rule)
    return found


def _place(policy: OverridePolicy, index: int) -> str:
    return f"spec.overrideRules[{index}]" if policy.spec.override_rules else "spec"


def _vain(subject: Subject, policy: OverridePolicy, index: int) -> Result:
    return subject.about(
        VAIN,
        policy,
        "changes nothing in any object that it acts on",
        field=f"{_place(policy, index)}.overriders",
    )


def _nowhere(
    subject: Subject, policy: OverridePolicy, index: int, refs: set[ObjectReference]
) -> Iterator[Result]:
    target = policy.rules[index].target_cluster
    if target is None:
        return
    field = f"{_place(policy, index)}.targetCluster"
    names = subject.affinities.names(target)
    if not names:
        # Names that the inventory does not know are told by unknown-cluster.
        if not target.cluster_names or subject.clusters.keys() & set(target.cluster_names):
            yield subject.about(NOWHERE, policy, "matches no cluster of the inventory", field=field)
        return
    candidates: frozenset[str] = frozenset()
    for ref in refs:
        candidates |= _candidates(subject, ref)
    if refs and names.isdisjoint(candidates):
        few = listed([called(ref) for ref in sorted(refs)])
        yield subject.about(
            NOWHERE,
            policy,
            f"is for {listed(sorted(names))}, where {few} can never go",
            field=field,
        )


def _candidates(subject: Subject, ref: ObjectReference) -> frozenset[str]:
    """Return the clusters that an object goes to or may go to, referrers included."""
    binding = subject.bindings.get(ref)
    if binding is None:
        # A namespace that follows its objects.
        return frozenset(subject.clusters)
    found = {target.name for target in binding.targets}
    if binding.placement is not None:
        found |= subject.affinities.reach(binding.placement)
    if binding.required_by:
        by_name = subject.bindings_by_name
        for snapshot in binding.required_by:
            referrer = by_name.get((snapshot.namespace, snapshot.name))
            if referrer is not None and referrer.placement is not None:
                found |= subject.affinities.reach(referrer.placement)
    return frozenset(found)
