"""Build each distinct manifest of a binding once, and hand it to the clusters that get it.

(ensureWork in pkg/controllers/binding/common.go)
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from armada_render.build import overriders
from armada_render.build.failure import BuildError, type_name
from armada_render.build.gather import Failed, Outcome, gathered
from armada_render.build.order import Rule, RuleIndex, by_rules
from armada_render.build.prune import prune
from armada_render.interpret import Interpreter, InterpretError
from armada_render.model.binding import ResourceBinding, TargetCluster
from armada_render.model.claim import claimed, released
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy
from armada_render.model.placement import SchedulingType
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import (
    Manifest,
    ObjectReference,
    ResourceTemplate,
    replaced,
    string_map,
)
from armada_render.model.webster import divide
from armada_render.model.work import Action, Built, Step, Trace, Work


class Draft(Struct, frozen=True, kw_only=True, eq=False):
    """A manifest on its way to some clusters, which all get the same; `ref` is what it names."""

    template: ResourceTemplate
    policy: PropagationPolicy | None
    ref: ObjectReference
    manifest: Manifest
    replicas: int | None
    clusters: tuple[str, ...]
    applied: tuple[Rule, ...] = ()
    trace: Trace | None = None

    @property
    def is_claimed(self) -> bool:
        """Whether the manifest carries the policy's claim: as soon as somebody could see it."""
        return self.replicas is not None or bool(self.applied)


def works(  # noqa: PLR0913 - all that decides, and two wishes
    bindings: Sequence[ResourceBinding],
    override_policies: Sequence[OverridePolicy],
    clusters: Sequence[Cluster],
    interpreter: Interpreter,
    *,
    trace: bool = False,
    only: Collection[str] | None = None,
) -> Built:
    """Return what each cluster gets of each binding, and what failed.

    With `trace` each Work carries the manifests between template and result, with `only` nothing is
    built for other clusters, and nothing is said of what would fail there.
    """
    index = RuleIndex(override_policies, (*clusters, *_departed(bindings, clusters)))
    outcomes: list[Outcome] = []
    suspended: dict[ObjectReference, tuple[str, ...]] = {}
    for binding in sorted(bindings, key=lambda binding: binding.ref):
        targets = binding.targets
        if not targets:
            continue
        held = _held_back(binding, targets)
        if held:
            suspended[binding.ref] = held
        wanted = [one for one in targets if only is None or one.name in only]
        if not wanted:
            continue
        drafts = _drafts(binding, targets, wanted, interpreter, trace=trace)
        outcomes += _until_crash(_outcomes(drafts, index), targets)
    return gathered(outcomes, suspended)


def _outcomes(drafts: Iterable[Draft | Failed], index: RuleIndex) -> Iterator[Outcome]:
    for draft in drafts:
        if isinstance(draft, Failed):
            yield draft
        else:
            yield from built(draft, index)


def _until_crash(outcomes: Iterable[Outcome], targets: Sequence[TargetCluster]) -> list[Outcome]:
    """Return the outcomes without Works for the clusters that come after a crash of upstream."""
    all_outcomes = list(outcomes)
    crashes = [one for one in all_outcomes if isinstance(one, Failed) and one.error.is_crash]
    if not crashes:
        return all_outcomes
    order = {target.name: position for position, target in enumerate(targets)}
    first = min((name for one in crashes for name in one.clusters), key=order.__getitem__)
    kept: list[Outcome] = []
    for outcome in all_outcomes:
        if isinstance(outcome, Failed):
            kept.append(outcome)
            continue
        work, names = outcome
        kept.append((work, tuple(name for name in names if order[name] < order[first])))
        late = tuple(name for name in names if order[name] > order[first])
        error = BuildError(f"not tried: Karmada gives the resource up after cluster {first}")
        kept.append(Failed(template=crashes[0].template, clusters=late, error=error))
    return kept


def _departed(
    bindings: Sequence[ResourceBinding], clusters: Sequence[Cluster]
) -> Iterator[Cluster]:
    """Yield the target clusters that left the inventory, of which the name is all that is known.

    They count as being deleted; a binding keeps them as long as it cannot be scheduled again.
    """
    known = {cluster.name for cluster in clusters}
    for binding in bindings:
        for target in binding.targets:
            if target.name not in known:
                known.add(target.name)
                yield Cluster(name=target.name)


def _held_back(binding: ResourceBinding, targets: Sequence[TargetCluster]) -> tuple[str, ...]:
    suspension = binding.suspension
    if suspension is None:
        return ()
    return tuple(sorted(one.name for one in targets if suspension.holds_back(one.name)))


def _drafts(
    binding: ResourceBinding,
    targets: Sequence[TargetCluster],
    wanted: Sequence[TargetCluster],
    interpreter: Interpreter,
    *,
    trace: bool,
) -> Iterator[Draft | Failed]:
    """Yield the manifests before overrides, one for each number of replicas and completions.

    They are those of `wanted` among all `targets`.
    """
    template = binding.template
    names = tuple(target.name for target in wanted)
    manifest = template.manifest
    try:
        completions = _completions(binding, targets)
        revises = binding.is_workload and interpreter.can_revise(manifest)
        if revises:
            manifest = claimed(manifest, binding.policy)
    except (BuildError, InterpretError) as error:
        yield Failed(template=template, clusters=names, error=_as_build_error(error))
        return
    groups: dict[tuple[int | None, int | None], list[str]] = {}
    if revises or completions:
        for target in wanted:
            key = (target.replicas if revises else None, completions.get(target.name))
            groups.setdefault(key, []).append(target.name)
    else:
        groups[None, None] = list(names)
    for (replicas, share), group in groups.items():
        try:
            counted = manifest if replicas is None else interpreter.revise(manifest, replicas)
            revised = counted if share is None else _with_completions(counted, share)
        except (BuildError, InterpretError) as error:
            yield Failed(template=template, clusters=tuple(group), error=_as_build_error(error))
            continue
        yield Draft(
            template=template,
            policy=binding.policy,
            ref=template.ref if revised is template.manifest else reference(revised),
            manifest=revised,
            replicas=replicas,
            clusters=tuple(group),
            trace=begun(template).then(
                Step(action=Action.CLAIM, manifest=manifest),
                Step(action=Action.REPLICAS, manifest=counted),
                Step(action=Action.COMPLETIONS, manifest=revised),
            )
            if trace
            else None,
        )


def begun(template: ResourceTemplate) -> Trace:
    """Return the trace of a template to which nothing has been done."""
    return Trace(steps=(Step(action=Action.TEMPLATE, manifest=template.manifest),))


def _as_build_error(error: BuildError | InterpretError) -> BuildError:
    return error if isinstance(error, BuildError) else BuildError(f"replicas: {error}")


def _completions(binding: ResourceBinding, targets: Sequence[TargetCluster]) -> Mapping[str, int]:
    """Return each cluster's share of a divided Job's completions, empty when they stay as they are.

    The kind decides alone, so a custom Job with `spec.completions` is divided too.
    """
    is_divided = (
        binding.replicas > 0
        and binding.placement is not None
        and binding.placement.scheduling_type is SchedulingType.DIVIDED
    )
    if binding.ref.kind != "Job" or not is_divided:
        return {}
    completions = _completions_of(binding.template.manifest)
    if completions is None:
        return {}
    weights = {target.name: target.replicas for target in targets}
    return divide(completions, weights, binding.template.uid)


def _completions_of(manifest: Manifest) -> int | None:
    spec = manifest.get("spec")
    if spec is None:
        return None
    if not isinstance(spec, dict):
        raise BuildError(f"spec is {type_name(spec)}, not an object")
    completions = spec.get("completions")
    if "completions" not in spec or (
        isinstance(completions, int) and not isinstance(completions, bool)
    ):
        return completions
    raise BuildError(
        f"spec.completions is {type_name(completions)}, not an integer, and cannot be divided"
    )


def _with_completions(manifest: Manifest, share: int) -> Manifest:
    if _completions_of(manifest) is None:
        return manifest
    return replaced(manifest, ("spec", "completions"), share)


def built(draft: Draft, index: RuleIndex) -> Iterator[Outcome]:
    """Yield the Works of a draft: ClusterOverridePolicies first, then those of its namespace."""
    for cluster_wide in _overridden(draft, "", index):
        if isinstance(cluster_wide, Failed):
            yield cluster_wide
            continue
        # The second kind sees, and is chosen by, what the first has left.
        namespace = cluster_wide.ref.namespace
        for done in _overridden(cluster_wide, namespace, index) if namespace else (cluster_wide,):
            yield done if isinstance(done, Failed) else _finished(done)


def _overridden(draft: Draft, namespace: str, index: RuleIndex) -> Iterator[Draft | Failed]:
    """Yield what the policies of `namespace` make of a draft."""
    rules: Sequence[Rule] = ()
    if index.has_policies(namespace):
        metadata = draft.manifest.get("metadata")
        labels = string_map(metadata.get("labels")) if isinstance(metadata, dict) else {}
        rules = index.rules(namespace, draft.ref, labels)
    if not rules:
        yield draft
        return
    for acting, names in by_rules(rules, draft.clusters).items():
        trace = draft.trace
        if trace is not None:
            passed = tuple(rule.key for rule in rules if rule not in acting)
            trace = Trace(steps=trace.steps, passed=trace.passed + passed)
        yield _applied(draft, acting, names, trace)


def _applied(
    draft: Draft, rules: tuple[Rule, ...], names: tuple[str, ...], trace: Trace | None
) -> Draft | Failed:
    if not rules:
        return replace(draft, clusters=names, trace=trace)
    manifest = draft.manifest if draft.is_claimed else claimed(draft.manifest, draft.policy)
    if trace is not None:
        trace = trace.then(Step(action=Action.CLAIM, manifest=manifest))
    for rule in rules:
        seen: list[tuple[str, Manifest]] | None = None if trace is None else []
        try:
            manifest = overriders.apply(manifest, rule.changes, seen)
        except BuildError as error:
            # The first error ends it: neither the rest of the rule nor later policies are tried.
            return Failed(template=draft.template, clusters=names, error=error, rule=rule)
        if trace is not None:
            trace = trace.then(*_steps(rule, seen or ()))
    return Draft(
        template=draft.template,
        policy=draft.policy,
        ref=reference(manifest),
        manifest=manifest,
        replicas=draft.replicas,
        clusters=names,
        applied=draft.applied + rules,
        trace=trace,
    )


def _steps(rule: Rule, seen: Iterable[tuple[str, Manifest]]) -> Iterator[Step]:
    for place, manifest in seen:
        yield Step(
            action=Action.OVERRIDE,
            manifest=manifest,
            rule=rule.key,
            place=f"{rule.place}overriders.{place}",
        )


def reference(manifest: Manifest) -> ObjectReference:
    """Return what a manifest says it is, with "" for what is no text: overrides may write any."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    return ObjectReference(
        _text(manifest.get("apiVersion")),
        _text(manifest.get("kind")),
        _text(metadata.get("namespace")),
        _text(metadata.get("name")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _finished(draft: Draft) -> Outcome:
    ref = draft.ref
    try:
        pruned = prune(_named(draft))
        manifest = released(pruned)
    except BuildError as error:
        return Failed(template=draft.template, clusters=draft.clusters, error=error)
    work = Work(
        ref=draft.template.ref if ref == draft.template.ref else ref,
        manifest=manifest,
        template=draft.template.ref,
        app=draft.template.app,
        applied=tuple(rule.key for rule in draft.applied),
        replicas=draft.replicas,
        trace=draft.trace
        and draft.trace.then(
            Step(action=Action.PRUNE, manifest=pruned),
            Step(action=Action.RELEASE, manifest=manifest),
        ),
    )
    return work, draft.clusters


def _named(draft: Draft) -> Manifest:
    if draft.ref.name and draft.ref.api_version:
        return draft.manifest
    missing = "apiVersion" if draft.ref.name else "metadata.name"
    raise BuildError(
        f"{missing} is gone, or no text", hint="see the overrides that change this resource"
    )
