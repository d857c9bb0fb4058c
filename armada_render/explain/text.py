"""An object's explanation for people: short lines, the answer first."""

from collections.abc import Container, Iterator, Sequence

import msgspec

from armada_render.explain.layout import at, count, grouped, names, table, value
from armada_render.explain.result import (
    Build,
    BuildStep,
    Change,
    Constraint,
    Division,
    Failure,
    FieldChain,
    FieldStep,
    ObjectExplanation,
    Placement,
    Share,
    Target,
    Verdict,
)

_MOST_POLICIES = 8
_MOST_CHANGES = 20
_MOST_CLUSTERS = 20
_CLOSENESS = {1: "by kind", 2: "by label", 3: "by name"}


def object_lines(explanation: ObjectExplanation) -> Iterator[str]:
    """Yield the lines of an explanation; of a field only, when it is about one."""
    yield f"{explanation.object}{at(explanation.location)}"
    if explanation.fields:
        for chain in explanation.fields:
            yield ""
            yield from _chain(chain, explanation)
        yield from _section("ERRORS", _errors(explanation))
        return
    yield from _answer(explanation)
    yield from _section("ERRORS", _errors(explanation))
    yield from _section("WARNINGS", explanation.warnings)
    yield from _policies(explanation)
    for placement in explanation.placements:
        yield from _placement(placement)
        yield from _required(placement)
    if explanation.brings:
        yield from ("", "BRINGS ALONG (propagateDeps)")
        for ref in explanation.brings:
            yield f"  {ref}"
    for build in explanation.builds:
        yield from _build(build)


# The answer and what is wrong


def _answer(explanation: ObjectExplanation) -> Iterator[str]:
    if not explanation.placements:
        yield from _unbound(explanation)
    for placement in explanation.placements:
        if placement.targets:
            yield from _targets(placement, explanation)
        else:
            yield from _nowhere(placement, explanation)


def _targets(placement: Placement, explanation: ObjectExplanation) -> Iterator[str]:
    failed = {error.cluster for error in explanation.errors}
    clusters = count(len(placement.targets), "cluster")
    if placement.replicas is None:
        yield f"on {clusters}:"
    else:
        total = sum(target.replicas or 0 for target in placement.targets)
        yield f"{count(total, 'replica')} on {clusters}:"
    notes = ((one.cluster, _note(one, failed)) for one in placement.targets)
    for note, found in grouped(notes).items():
        each = " each" if note[:1].isdigit() and len(found) > 1 else ""
        count_, comma, rest = note.partition(",")
        yield f"  {names(found)}{f': {count_}{each}{comma}{rest}' if note else ''}"


def _note(target: Target, failed: Container[str]) -> str:
    notes = [str(target.replicas)] if target.replicas is not None else []
    notes += ["cannot be built, see ERRORS"] if target.cluster in failed else []
    notes += ["held back by spec.suspension"] if target.held else []
    notes += ["only because it is required there"] if target.required else []
    return ", ".join(notes)


def _nowhere(placement: Placement, explanation: ObjectExplanation) -> Iterator[str]:
    if not explanation.scope:
        yield f"on no cluster: {placement.message or 'it had none, and keeps it so'}"
        return
    reasons = {item.cluster: f"{item.rule}: {item.reason}" for item in placement.refusals}
    for cluster in explanation.scope:
        reason = reasons.get(cluster, placement.message or "nothing that requires it goes there")
        yield f"not on {cluster}: {reason}"


def _unbound(explanation: ObjectExplanation) -> Iterator[str]:
    if explanation.builds:
        clusters = [name for build in explanation.builds for name in build.clusters]
        yield f"no policy takes it; it follows what is in it to {names(clusters)}"
    elif explanation.errors:
        yield "on no cluster: it failed"
    elif explanation.passed_over:
        yield f"on no cluster: {explanation.passed_over}"
    else:
        yield "on no cluster: no policy selects it, and nothing that is placed requires it"


def _errors(explanation: ObjectExplanation) -> list[Failure]:
    # What the scheduler failed with stands in its placement.
    return [error for error in explanation.errors if error.stage != "schedule"]


def _section(title: str, failures: Sequence[Failure]) -> Iterator[str]:
    if failures:
        yield from ("", title)
    pairs = ((failure.cluster, _failure(failure)) for failure in failures)
    for text, clusters in grouped(pairs).items():
        where = f"on {names(clusters)}: " if any(clusters) else ""
        yield f"  {where}{text}"


def _failure(failure: Failure) -> str:
    place = " ".join(filter(None, (failure.policy, failure.field)))
    prefix = f"{place}{at(failure.location)}: " if place else ""
    hint = f"\n    hint: {failure.hint}" if failure.hint else ""
    return f"{prefix}{failure.message}{hint}"


# Policies


def _policies(explanation: ObjectExplanation) -> Iterator[str]:
    verdicts = explanation.policies
    if not verdicts:
        if not explanation.placements:
            yield from ("", "POLICIES", "  none in its namespace, and no ClusterPropagationPolicy")
        return
    yield from ("", "POLICIES")
    near = [verdict for verdict in verdicts if "kind" not in verdict.failed]
    for verdict in near[:_MOST_POLICIES]:
        yield from _verdict(verdict)
    if len(near) > _MOST_POLICIES:
        yield f"  ... and {len(near) - _MOST_POLICIES} more (-o json)"
    others = [verdict.policy for verdict in verdicts if "kind" in verdict.failed]
    if others:
        yield f"  {'not':8}  of other kinds: {names(others)}"


_WORDS = {"won": "takes it", "lost": "loses", "mismatch": "not", "rejected": "rejected"}


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"  {_WORDS[verdict.outcome]:8}  {verdict.policy}{at(verdict.location)}"
    details = []
    if verdict.implicit_priority is not None:
        closeness = _CLOSENESS.get(verdict.implicit_priority, "not any more")
        details.append(f"priority {verdict.priority}, selects it {closeness}")
    details += [verdict.reason] if verdict.reason else []
    yield f"            {'; '.join(details)}"


# Placement


def _placement(placement: Placement) -> Iterator[str]:
    if not placement.policy:
        return
    yield from ("", f"PLACEMENT by {placement.policy}")
    if placement.replicas is not None:
        asks = ", ".join(f"{name} {amount}" for name, amount in placement.requests.items())
        yield f"  {count(placement.replicas, 'replica')}{f', each asks for {asks}' if asks else ''}"
    before = f", previous result in {placement.lock}" if placement.lock else ""
    if placement.kept:
        yield f"  kept: {placement.kept}{before}"
    elif placement.cause:
        yield f"  scheduled: {placement.cause}{before}"
    yield from _groups(placement)
    yield from _candidates(placement)
    yield from _selection(placement)
    for division in placement.divisions:
        yield from _division(division)
    if placement.reason:
        # Without targets the message is the answer, and stands above.
        told = f": {placement.message}" if placement.targets else ""
        yield f"  failed: {placement.reason}{told}"
    for task in placement.evictions:
        details = ", ".join(filter(None, (task.purge_mode, task.reason, task.producer)))
        yield f"  being moved away from {task.cluster}{at(details)}"
    yield from _refusals(placement)


def _groups(placement: Placement) -> Iterator[str]:
    if placement.groups:
        yield "  affinity groups, in order"
        for group in placement.groups:
            yield f"    {group.name}: {'taken' if group.taken else group.message}"


def _candidates(placement: Placement) -> Iterator[str]:
    if not placement.candidates:
        return
    yield "  candidates, the preferred first"
    has_tiers = any(candidate.tier for candidate in placement.candidates)
    rows = [["CLUSTER", "SCORE", "ROOM FOR", *(["TIER"] if has_tiers else [])]]
    for candidate in placement.candidates[:_MOST_CLUSTERS]:
        room = "unknown: unlimited" if candidate.room is None else f"{candidate.room} more"
        if placement.replicas is None:
            room = "-"
        tier = [str(candidate.tier)] if has_tiers else []
        rows.append([candidate.cluster, str(candidate.score), room, *tier])
    yield from table(rows)
    yield from _rest(len(placement.candidates))


def _rest(number: int) -> Iterator[str]:
    if number > _MOST_CLUSTERS:
        yield f"    ... and {number - _MOST_CLUSTERS} more (-o json)"


def _selection(placement: Placement) -> Iterator[str]:
    if not placement.constraints:
        return
    spread = f"  spread over {', '.join(map(_constraint, placement.constraints))}"
    if placement.regions:
        yield "  regions, the best first"
        rows = [
            [region.name, str(region.score), "chosen" if region.chosen else ""]
            for region in sorted(placement.regions, key=lambda one: -one.score)
        ]
        yield from table(rows)
    if placement.selected is not None:
        yield f"{spread}: {names(placement.selected)}"
    elif placement.candidates and not placement.reason:
        yield f"{spread}: void, because static weights are set"


def _constraint(constraint: Constraint) -> str:
    low, high = constraint.min_groups, constraint.max_groups
    return f"{low if low == high else f'{low} to {high}'} by {constraint.by}"


_MODES = {
    "Duplicated": "all replicas on every cluster",
    "StaticWeight": "by static weights",
    "fresh scale": "anew, by room with what is there",
    "scale up": "by room",
    "scale down": "by what is there",
    "unchanged": "the previous shares still add up",
}


def _division(division: Division) -> Iterator[str]:
    how = _MODES[division.mode]
    if division.mode == "scale up" and any(share.kept for share in division.shares):
        how = "by room, on top of what is there"
    yield f"  {division.strategy}: {count(division.replicas, 'replica')}, {how}"
    if division.mode == "Duplicated":
        return
    yield from table([_share(share, division) for share in division.shares[:_MOST_CLUSTERS]])
    yield from _rest(len(division.shares))


def _share(share: Share, division: Division) -> list[str]:
    if share.weight is None or division.total_weight <= 0:
        return [share.cluster, f"{share.replicas}", ""]
    exact = division.replicas * share.weight / division.total_weight
    sum_ = f"{division.replicas} x {share.weight}/{division.total_weight} = {exact:.2f}"
    got = share.replicas - share.kept
    kept = f" + {share.kept} kept = {share.replicas}" if share.kept else ""
    return [share.cluster, sum_, f"-> {got}{kept}"]


def _refusals(placement: Placement) -> Iterator[str]:
    refusals = [item for item in placement.refusals if item.reason != placement.message]
    if not refusals:
        return
    yield "  not there"
    pairs = ((item.cluster, f"{item.rule}: {item.reason}") for item in refusals)
    yield from table([[names(found), text] for text, found in grouped(pairs).items()])


def _required(placement: Placement) -> Iterator[str]:
    if not placement.required_by:
        return
    yield from ("", "REQUIRED BY")
    for referrer in placement.required_by:
        policy = f", propagateDeps of {referrer.policy}" if referrer.policy else ""
        yield f"  {referrer.object}{policy}"
        yield f"    goes to {names(referrer.clusters)}"


# Building


def _build(build: Build) -> Iterator[str]:
    yield from ("", f"BUILT for {names(build.clusters)}")
    if not build.steps:
        yield "  as it stands in the template"
    for step in build.steps:
        yield from _step(step)
    passed = ((f"{rule.field}{at(rule.location)}", rule.policy) for rule in build.passed)
    for policy, rules in grouped(passed).items():
        yield f"  other clusters only: {policy} {', '.join(rules)}"


_STEPS = {
    "replicas": "replicas of the division",
    "completions": "share of the Job's completions",
    "prune": "removed, since members must not get it",
}


def _step(step: BuildStep) -> Iterator[str]:
    label = _STEPS.get(step.action, f"{step.policy} {step.field}".strip())
    yield f"  {label}{at(step.location)}"
    for change in step.changes[:_MOST_CHANGES]:
        yield f"    {_change(change)}"
    if len(step.changes) > _MOST_CHANGES:
        yield f"    ... and {len(step.changes) - _MOST_CHANGES} more (-o json)"
    if not step.changes:
        yield "    changes nothing"


def _change(change: Change) -> str:
    if change.change == "added":
        return f"{change.field}: added {value(change.after)}"
    if change.change == "removed":
        return f"{change.field}: removed {value(change.before)}"
    if msgspec.json.encode(change.before) == msgspec.json.encode(change.after):
        return f"{change.field}: changed, and a secret"
    return f"{change.field}: {value(change.before)} -> {value(change.after)}"


def _chain(chain: FieldChain, explanation: ObjectExplanation) -> Iterator[str]:
    last = chain.steps[-1]
    where = f"on {names(chain.clusters)}" if chain.clusters else "in the template"
    yield f"{chain.field} {where}: {_shown(last)}"
    for step in chain.steps:
        yield f"  {_field_label(step, explanation)}{at(step.location)}: {_shown(step)}"
    if not any(step.set for step in chain.steps):
        yield "  no step sets it"
        if chain.siblings:
            yield f"  there is {names(chain.siblings)}"
    if not chain.clusters:
        where = names(explanation.scope) or "any cluster"
        yield f"  the object is not built for {where}; explain it without --field to see why"


def _shown(step: FieldStep) -> str:
    return value(step.value) if step.set else "not set"


_BOOKKEEPING = {
    "template": "template",
    "claim": "empty, as Karmada's bookkeeping leaves it",
    "release": "empty, as Karmada's bookkeeping leaves it",
}


def _field_label(step: FieldStep, explanation: ObjectExplanation) -> str:
    if step.action == "replicas":
        policies = [one.policy for one in explanation.placements if one.policy]
        return " ".join([_STEPS["replicas"], *(f"by {policy}" for policy in policies)])
    known = _BOOKKEEPING.get(step.action) or _STEPS.get(step.action)
    return known or f"{step.policy} {step.field}"
