"""Works: one resource for the clusters that get it in the same form, and how it came about."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from armada_render.model.binding import StageError
from armada_render.model.resource import Manifest, ObjectReference


class AppliedRule(Struct, frozen=True, order=True):
    """An override rule that acted: policy as `Kind/namespace/name`, and its place in the policy."""

    policy: str
    rule: int


class Action(StrEnum):
    """What a step of building did; a claim is Karmada's bookkeeping, and released at the end."""

    TEMPLATE = "template"
    CLAIM = "claim"
    REPLICAS = "replicas"
    COMPLETIONS = "completions"
    OVERRIDE = "override"
    PRUNE = "prune"
    RELEASE = "release"


class Step(Struct, frozen=True, kw_only=True, eq=False):
    """The manifest as one step left it, which shares with the one before what it left alone.

    An override has its `rule`, and as `place` the overrider's path within the policy's spec
    (`overrideRules[1].overriders.imageOverrider[0]`).
    """

    action: Action
    manifest: Manifest
    rule: AppliedRule | None = None
    place: str = ""


class Trace(Struct, frozen=True, kw_only=True, eq=False):
    """How a Work was built: the template, then all steps in order; overrides even without effect.

    `passed` lists the override rules that select the object but not the Work's clusters.
    """

    steps: tuple[Step, ...]
    passed: tuple[AppliedRule, ...] = ()

    def then(self, *steps: Step) -> "Trace":
        """Return the trace with more steps, without those that are no override and do nothing."""
        kept = list(self.steps)
        for step in steps:
            if step.rule is not None or step.manifest is not kept[-1].manifest:
                kept.append(step)
        return Trace(steps=tuple(kept), passed=self.passed)


class Work(Struct, frozen=True, kw_only=True, eq=False):
    """What a cluster gets of one template. Clusters that get the same share one Work.

    `ref` names the final manifest, which overrides may have renamed, `template` what it was made
    from. `applied` lists the override rules in the order in which they acted. `replicas` is the
    number that was written into the manifest, None when none was. `trace` is there when it was
    asked for. `is_frozen`: an old copy as an eviction task keeps it.
    """

    ref: ObjectReference
    manifest: Manifest
    template: ObjectReference
    app: str
    applied: tuple[AppliedRule, ...] = ()
    replicas: int | None = None
    trace: Trace | None = None
    is_frozen: bool = False


class Built(Struct, frozen=True, kw_only=True, eq=False):
    """The Works of a fleet.

    `works` maps every cluster that gets something to its Works, sorted by `ref`. `suspended` maps
    a template to those of its target clusters where it is held back: the Work is there, but must
    not be applied. `errors` holds one error for each resource and cluster that failed.
    """

    works: Mapping[str, tuple[Work, ...]]
    suspended: Mapping[ObjectReference, tuple[str, ...]]
    errors: tuple[StageError, ...]
