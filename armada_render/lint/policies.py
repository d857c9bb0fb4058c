"""Rules about propagation policies against each other: which wins nothing, which by its name."""

from collections.abc import Iterator

from msgspec import Struct

from armada_render.lint.subject import Subject
from armada_render.lint.words import called, listed
from armada_render.model.binding import PolicyVerdict
from armada_render.model.resource import ObjectReference
from armada_render.model.result import Result, Rule

SHADOWED = Rule(
    id="policy-shadowed",
    summary="A policy wins none of the objects that it selects",
    description="Every object that the policy selects is taken by another policy, which is "
    "namespaced, has the higher spec.priority or selects it more closely.",
    fix="remove the policy, raise its spec.priority, or narrow the selectors of the other",
)
TIED = Rule(
    id="policy-tie",
    summary="Two policies are equal, and only their names decide",
    description="Two policies of one kind select an object equally closely with the same "
    "spec.priority. The one whose name comes first in byte order takes it: renaming a policy would "
    "move the object.",
    fix="give one of the two the higher spec.priority, or select by name",
)

RULES = (SHADOWED, TIED)


class _Loss(Struct, frozen=True):
    """An object that a policy selects, and does not get."""

    ref: ObjectReference
    verdict: PolicyVerdict
    winner: PolicyVerdict

    @property
    def is_tie(self) -> bool:
        """Whether only the name decided."""
        mine, theirs = self.verdict, self.winner
        return (mine.priority, mine.implicit_priority) == (
            theirs.priority,
            theirs.implicit_priority,
        ) and mine.policy.partition("/")[0] == theirs.policy.partition("/")[0]


def check(subject: Subject) -> Iterator[Result]:
    """Find policies that lose."""
    losses: dict[str, list[_Loss]] = {}
    # What failed before it was bound was taken all the same.
    winners = {error.policy for error in subject.rendering.errors}
    for binding in subject.rendering.bindings:
        winner = next((one for one in binding.verdicts if one.won), None)
        if winner is None:
            continue
        winners.add(winner.policy)
        for verdict in binding.verdicts:
            if not verdict.won:
                losses.setdefault(verdict.policy, []).append(_Loss(binding.ref, verdict, winner))
    for policy in subject.policies():
        lost = losses.get(policy.key, [])
        ties: dict[str, list[_Loss]] = {}
        for loss in lost:
            if loss.is_tie:
                ties.setdefault(loss.winner.policy, []).append(loss)
        for key, tied in sorted(ties.items()):
            names = listed([called(loss.ref) for loss in tied])
            yield subject.about(
                TIED,
                policy,
                f"{key} selects {names} too, with the same priority {policy.spec.priority} and as "
                "closely: it goes first by name",
                field="spec.priority",
                key=key,
            )
        if lost and not ties and policy.key not in winners:
            more = f", and {len(lost) - 1} more go elsewhere" if len(lost) > 1 else ""
            yield subject.about(
                SHADOWED,
                policy,
                f"takes nothing: it selects {called(lost[0].ref)}, but {lost[0].verdict.reason}"
                f"{more}",
                field="spec.resourceSelectors",
            )
