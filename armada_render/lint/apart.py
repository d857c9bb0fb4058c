"""Rules about applications torn apart; `together` finds them, here they become results."""

from collections.abc import Iterator

from armada_render.lint.subject import Subject
from armada_render.lint.together import Tear, Torn
from armada_render.lint.words import called, listed
from armada_render.model.resource import ObjectReference
from armada_render.model.result import Level, Result, Rule

DEPENDENCY = Rule(
    id="dependency-without-propagatedeps",
    summary="An object is propagated without what it refers to, since propagateDeps is not set",
    description="The object names a ConfigMap, Secret, ServiceAccount, PersistentVolumeClaim or "
    "what else Karmada knows as its dependency. It is in Git, no policy takes it there, and the "
    "policy of the object does not set propagateDeps.",
    fix="set propagateDeps: true in the policy",
    level=Level.ERROR,
)
REFERENCE = Rule(
    id="torn-reference",
    summary="An object is on a cluster without what it names",
    description="The object names another one that is in Git, and on some clusters the other is "
    "missing: pods do not start, routes lead nowhere.",
    fix="place the two by policies that select the same clusters",
    level=Level.ERROR,
)
COMPANION = Rule(
    id="torn-companion",
    summary="An object is on a cluster without what serves it",
    description="A Service, route, autoscaler, disruption budget, network policy or RoleBinding "
    "refers to the object, and is missing on some of its clusters: there it cannot be reached, is "
    "not scaled, not protected, has no rights.",
    fix="place the two by policies that select the same clusters",
)
IDLE = Rule(
    id="torn-idle",
    summary="A Service, autoscaler or the like is on a cluster without anything that it is for",
    description="What routes to pods, scales or protects them is on a cluster where none of them "
    "is. It does no harm, and may wait there for a failover on purpose.",
    fix="nothing, if it waits for a failover; else place the two by the same policy",
    level=Level.NOTE,
)

RULES = (DEPENDENCY, REFERENCE, COMPANION, IDLE)


_MANY = 5
"""Objects that miss the same one are told one by one up to this number, in one result above it."""


def check(subject: Subject) -> Iterator[Result]:
    """Report what `together` found."""
    groups: dict[tuple[str, ObjectReference, tuple[str, ...]], list[Torn]] = {}
    for one in subject.torn:
        key = (_rule(subject, one).id, one.missing, one.clusters)
        groups.setdefault(key, []).append(one)
    for (_, missing, clusters), group in groups.items():
        if len(group) <= _MANY:
            for one in group:
                yield _result(subject, one, one.sentence)
        else:
            few = listed([called(one.ref) for one in group])
            where = listed(list(clusters))
            message = f"{few} are on {where} without {called(missing)}"
            yield _result(subject, group[0], message)


def _result(subject: Subject, one: Torn, message: str) -> Result:
    return subject.about(
        _rule(subject, one),
        one.ref,
        message,
        field=one.relation.field if one.relation.source == one.ref else "",
        hint=one.remedy,
        key=str(one.missing),
    )


def _rule(subject: Subject, one: Torn) -> Rule:
    match one.tear:
        case Tear.REFERENCE:
            binding = subject.bindings.get(one.ref)
            policy = binding.policy if binding else None
            is_unset = policy is not None and not policy.spec.propagate_deps
            is_left = one.relation.follows and is_unset and one.missing not in subject.bindings
            return DEPENDENCY if is_left else REFERENCE
        case Tear.COMPANION:
            return COMPANION
        case Tear.IDLE:
            return IDLE
