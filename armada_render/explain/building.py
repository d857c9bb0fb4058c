"""What was done to an object on its way to each cluster, from the trace that build recorded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from armada_render.build import released
from armada_render.explain.difference import differences, same
from armada_render.explain.evidence import Evidence
from armada_render.explain.fieldpath import ABSENT, look_up
from armada_render.explain.redact import is_secret, shown
from armada_render.explain.result import (
    Build,
    BuildStep,
    Change,
    FieldChain,
    FieldStep,
    PassedRule,
)
from armada_render.model.decode import FieldPath, format_path
from armada_render.model.override import OverridePolicy
from armada_render.model.resource import Manifest, ResourceTemplate
from armada_render.model.work import Action, AppliedRule, Step, Work

BuiltWork = tuple[tuple[str, ...], Work]
"""Clusters, and the Work that they share."""


def built(template: ResourceTemplate, evidence: Evidence) -> list[BuiltWork]:
    """Return the distinct Works of a template with their clusters."""
    works: dict[int, tuple[list[str], Work]] = {}
    for cluster, all_works in evidence.rendering.works.items():
        if not evidence.is_asked(cluster):
            continue
        for work in all_works:
            if work.template == template.ref:
                works.setdefault(id(work), ([], work))[0].append(cluster)
    return [(tuple(names), work) for names, work in works.values()]


class Sources:
    """Where the things stand that a step goes back to."""

    def __init__(self, template: ResourceTemplate, evidence: Evidence) -> None:
        self._template = template
        self._policies = {policy.key: policy for policy in evidence.rendering.override_policies}
        self._locate = evidence.locate

    def of_field(self, path: FieldPath) -> str:
        """Return where a field of the template stands."""
        return self._locate(self._template.location, format_path(path))

    def of_step(self, step: Step, path: FieldPath = ()) -> tuple[str, str]:
        """Return an override's place in its policy's spec, and where that is.

        With the `path` of a field that it set, this is the item or the value behind it.
        """
        if step.rule is None:
            return "", ""
        policy = self._policies[step.rule.policy]
        inner = _value_path(policy, step, path) if path else ""
        return f"{step.place}{inner}", self._locate(policy.location, f"spec.{step.place}{inner}")

    def of_rule(self, rule: AppliedRule) -> tuple[str, str]:
        """Return a rule's place in its policy's spec, and where that is."""
        policy = self._policies[rule.policy]
        place = f"overrideRules[{rule.rule}]" if policy.spec.override_rules else "overriders"
        return place, self._locate(policy.location, f"spec.{place}")


def _value_path(policy: OverridePolicy, step: Step, path: FieldPath) -> str:
    """Return where, below an overrider, the value for the field at `path` is written."""
    kind = step.place.rpartition(".")[2].partition("[")[0]
    if kind in ("labelsOverrider", "annotationsOverrider") and len(path) > 2:
        return "." + format_path(("value", path[2]))
    if kind == "plaintext" and step.rule is not None:
        items = policy.rules[step.rule.rule].overriders.plaintext
        target = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in ("", *path))
        for index in reversed(range(len(items))):
            written = items[index].path
            if written == target or _is_above(written, target) or _is_above(target, written):
                return f"[{index}]"
    return ""


def _is_above(one: str, other: str) -> bool:
    return other.startswith(f"{one}/")


def builds(works: Iterable[BuiltWork], sources: Sources) -> tuple[Build, ...]:
    """Return all steps of each distinct Work."""
    return tuple(
        Build(
            clusters=clusters,
            object=str(work.ref),
            replicas=work.replicas,
            steps=tuple(_build_steps(work, sources)),
            passed=tuple(_passed(rule, sources) for rule in work.trace.passed),
        )
        for clusters, work in works
        if work.trace is not None
    )


def _build_steps(work: Work, sources: Sources) -> Iterator[BuildStep]:
    steps = work.trace.steps if work.trace else ()
    secret = any(is_secret(step.manifest) for step in steps)
    for before, step in pairwise(steps):
        changes = tuple(_changes(before, step, secret=secret))
        if not changes and step.rule is None:
            continue
        field, location = sources.of_step(step)
        yield BuildStep(
            action=str(step.action),
            policy=step.rule.policy if step.rule else "",
            field=field,
            location=location,
            changes=changes,
        )


def _visible(manifest: Manifest) -> Manifest:
    """Return a manifest without what Karmada notes in it on the way, and takes away again."""
    return released(manifest) if isinstance(manifest.get("metadata"), dict) else manifest


def _changes(before: Step, step: Step, *, secret: bool) -> Iterator[Change]:
    for path, old, new in differences(_visible(before.manifest), _visible(step.manifest)):
        yield Change(
            field=format_path(path),
            change="added" if old is ABSENT else "removed" if new is ABSENT else "changed",
            before=None if old is ABSENT else shown(old, path, before.manifest, secret=secret),
            after=None if new is ABSENT else shown(new, path, step.manifest, secret=secret),
        )


def _passed(rule: AppliedRule, sources: Sources) -> PassedRule:
    field, location = sources.of_rule(rule)
    return PassedRule(policy=rule.policy, field=field, location=location)


def chains(
    template: ResourceTemplate, works: Sequence[BuiltWork], path: FieldPath, sources: Sources
) -> tuple[FieldChain, ...]:
    """Return how a field came to its value, once for the clusters where it did so alike."""
    start = Step(action=Action.TEMPLATE, manifest=template.manifest)
    if not works:
        return (_chain((), (start,), path, sources),)
    merged: dict[str, tuple[list[str], FieldChain]] = {}
    for clusters, work in works:
        chain = _chain(clusters, work.trace.steps if work.trace else (start,), path, sources)
        # Works that differ elsewhere may agree in this field; masked values need not agree.
        key = repr([*chain.steps, look_up(work.manifest, path)])
        merged.setdefault(key, ([], chain))[0].extend(clusters)
    return tuple(
        FieldChain(
            clusters=tuple(sorted(clusters)),
            field=chain.field,
            steps=chain.steps,
            siblings=chain.siblings,
        )
        for clusters, chain in merged.values()
    )


def _chain(
    clusters: tuple[str, ...], steps: Sequence[Step], path: FieldPath, sources: Sources
) -> FieldChain:
    secret = any(is_secret(step.manifest) for step in steps)
    rows: list[FieldStep] = []
    last: object = None
    for step in steps:
        value = look_up(_visible(step.manifest) if rows else step.manifest, path)
        if rows and same(value, last):
            continue
        last = value
        field, location = sources.of_step(step, path)
        rows.append(
            FieldStep(
                action=str(step.action),
                policy=step.rule.policy if step.rule else "",
                field=field,
                location=sources.of_field(path) if step.action is Action.TEMPLATE else location,
                set=value is not ABSENT,
                value=None if value is ABSENT else shown(value, path, step.manifest, secret=secret),
            )
        )
    is_set = any(row.set for row in rows)
    return FieldChain(
        clusters=clusters,
        field=format_path(path),
        steps=tuple(rows),
        siblings=() if is_set else _siblings(steps[-1].manifest, path),
    )


def _siblings(manifest: Mapping[str, object], path: FieldPath) -> tuple[str, ...]:
    """Return what there is where the first missing step of `path` was looked for."""
    for depth in range(len(path) - 1, -1, -1):
        parent = look_up(manifest, path[:depth])
        if isinstance(parent, dict):
            return tuple(format_path((*path[:depth], key)) for key in parent)
        if isinstance(parent, list):
            return tuple(format_path((*path[:depth], index)) for index in range(len(parent)))
    return ()
