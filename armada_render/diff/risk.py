"""What in a difference deserves a second look before it is merged. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from armada_render.diff.fields import FieldChange, path_text
from armada_render.diff.immutable import refused
from armada_render.diff.model import Cause, Change, Movement, ObjectChange, Risk
from armada_render.lint.together import Tear, Torn
from armada_render.model.resource import ObjectReference
from armada_render.model.result import Level, Rule

LAST_COPY = Rule(
    id="last-copy-removed",
    summary="A workload runs nowhere any more",
    description="Some cluster had it before, and none has it afterwards.",
    fix="If that is not meant, restore the manifest, or the policy that took it.",
    level=Level.ERROR,
)
NAMESPACE = Rule(
    id="namespace-removed",
    summary="A Namespace is removed, and everything in it",
    fix="Keep the Namespace, or empty it first.",
    level=Level.ERROR,
)
DEFINITION = Rule(
    id="crd-removed",
    summary="A CustomResourceDefinition is removed, and every object of its kind",
    fix="Keep the definition as long as objects of its kind are there.",
    level=Level.ERROR,
)
CLAIM = Rule(
    id="volume-claim-removed",
    summary="A PersistentVolumeClaim is removed, and with most storage classes its data",
    fix="Copy the data first, or keep the claim.",
    level=Level.ERROR,
)
IMMUTABLE = Rule(
    id="immutable-field",
    summary="A field changes that the API server refuses to change",
    description="The sync fails, or with Replace=true the object is deleted and made anew.",
    fix="Give the object another name, or plan for its removal first.",
    level=Level.ERROR,
)
SELECTOR = Rule(
    id="selector-changed",
    summary="A Service leads to other pods",
    fix="See that the pods carry the new labels before the Service asks for them.",
)
TORN = Rule(
    id="torn-apart",
    summary="An object is on a cluster without what belongs to it",
    description="A workload without the Service that leads to it, a route without its Service.",
    fix="Let a policy place both on the same clusters.",
)
ZERO = Rule(
    id="scaled-to-zero",
    summary="A workload is scaled down to nothing",
    fix="If that is not meant, restore spec.replicas.",
)
REPLACED = Rule(
    id="object-replaced",
    summary="An object gets another name: one is removed and another created",
    fix="Where that must not be interrupted, add the new one first and remove the old one later.",
)
APP = Rule(
    id="app-changed",
    summary="Objects go from one app to another",
    description="With an Argo CD Application for each app, the old one may prune what the new one "
    "has just taken.",
    fix="Merge it while the old Application does not prune, or keep the app with the label named "
    "in armada.yaml.",
)
RULES = (
    LAST_COPY,
    NAMESPACE,
    DEFINITION,
    CLAIM,
    IMMUTABLE,
    SELECTOR,
    TORN,
    ZERO,
    REPLACED,
    APP,
)
_PLACES = {rule.id: place for place, rule in enumerate(RULES)}

_TEARS = {
    Tear.REFERENCE: "which it needs",
    Tear.COMPANION: "which is for it",
    Tear.IDLE: "which it is for",
}
_REMOVALS = {
    "Namespace": NAMESPACE,
    "CustomResourceDefinition": DEFINITION,
    "PersistentVolumeClaim": CLAIM,
}
_IDENTITY = ("apiVersion", "kind", "metadata")
_NOTHING = b"{}"
_WORKLOADS = frozenset(("CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"))


def risks(
    objects: Sequence[ObjectChange],
    movements: Iterable[Movement],
    torn: Iterable[Torn],
    chosen: frozenset[str],
) -> tuple[Risk, ...]:
    """Return the risks on `chosen` clusters, the worst first."""
    movements = tuple(movements)
    moved = {movement.ref: movement.causes for movement in movements}
    every = (
        *_of_movements(movements, chosen),
        *_of_objects(objects),
        *_replaced(objects),
        *(_torn(item, moved) for item in torn if not chosen.isdisjoint(item.clusters)),
    )
    return tuple(sorted(every, key=_order))


def _torn(item: Torn, moved: Mapping[ObjectReference, tuple[Cause, ...]]) -> Risk:
    return Risk(
        rule=TORN.id,
        level=TORN.level,
        ref=item.ref,
        clusters=item.clusters,
        message=f"is without {item.missing.kind}/{item.missing.name}, {_TEARS[item.tear]}",
        hint=item.remedy or TORN.fix,
        causes=moved.get(item.ref) or moved.get(item.missing, ()),
    )


def _order(risk: Risk) -> tuple[int, int, ObjectReference, tuple[str, ...], str]:
    return -risk.level.rank, _PLACES[risk.rule], risk.ref, risk.clusters, risk.field


def _of_movements(movements: Iterable[Movement], chosen: frozenset[str]) -> Iterator[Risk]:
    for item in movements:
        if not (item.is_workload or item.ref.kind in _WORKLOADS) or not item.touches(chosen):
            continue
        clusters = tuple(sorted(item.before))
        if item.before and not item.after:
            yield _risk(LAST_COPY, item, clusters, "its last copy is removed")
        elif sum(item.before.values()) and not sum(item.after.values()):
            yield _risk(ZERO, item, clusters, "is scaled down to 0 replicas")


def _of_objects(objects: Iterable[ObjectChange]) -> Iterator[Risk]:
    for item in objects:
        rule = _REMOVALS.get(item.ref.kind)
        if item.change is Change.REMOVED and rule is not None:
            yield _risk(rule, item, item.clusters, "is removed")
        if item.change is not Change.CHANGED:
            continue
        if item.apps is not None:
            yield _risk(APP, item, item.clusters, f"goes from app {item.apps[0]} to {item.apps[1]}")
        work = item.variants[0].before
        if work is None:
            continue
        for field in refused(item.ref, work.manifest, item.fields):
            text = f"{path_text(field.path)} cannot be changed"
            yield _risk(IMMUTABLE, item, item.clusters, text, field)
        if item.ref.kind == "Service" and item.ref.api_version == "v1":
            for field in item.fields:
                if field.path[:2] == ("spec", "selector"):
                    yield _risk(SELECTOR, item, item.clusters, "leads to other pods", field)
                    break


def _replaced(objects: Iterable[ObjectChange]) -> Iterator[Risk]:
    """Yield objects that are removed where one like them, with another name, is added."""
    added: dict[tuple[str, bytes], list[ObjectChange]] = {}
    removed: list[ObjectChange] = []
    for item in objects:
        if item.change is Change.REMOVED:
            removed.append(item)
        elif item.change is Change.ADDED:
            added.setdefault(_likeness(item), []).append(item)
    for item in removed if added else ():
        likeness = _likeness(item)
        # A ServiceAccount is like any other: there is nothing in it.
        for other in added.get(likeness, ()) if likeness[1] != _NOTHING else ():
            both = tuple(sorted({*item.clusters} & {*other.clusters}))
            if both:
                name = other.ref.name
                if other.ref.namespace != item.ref.namespace:
                    name = f"{other.ref.namespace or 'no namespace'}/{name}"
                yield _risk(REPLACED, item, both, f"becomes {other.ref.kind}/{name}")
                break


def _likeness(item: ObjectChange) -> tuple[str, bytes]:
    """Return what stays the same of an object under another name."""
    variant = item.variants[0]
    work = variant.after or variant.before
    manifest = work.manifest if work else {}
    content = {key: value for key, value in manifest.items() if key not in _IDENTITY}
    return item.ref.kind, msgspec.json.encode(content, order="sorted")


def _risk(
    rule: Rule,
    item: Movement | ObjectChange,
    clusters: tuple[str, ...],
    message: str,
    field: FieldChange | None = None,
) -> Risk:
    path = path_text(field.path) if field else ""
    own = tuple(cause for cause in item.causes if path and cause.field == path)
    return Risk(
        rule=rule.id,
        level=rule.level,
        ref=item.ref,
        clusters=clusters,
        message=message,
        field=path,
        hint=rule.fix,
        causes=own or item.causes,
    )
