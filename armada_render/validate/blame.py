"""Where a wrong field comes from: the manifest in Git, or the override that wrote it. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.decode import FieldPath, format_path
from armada_render.model.fleet import Fleet
from armada_render.model.override import OverridePolicy
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Action, Step, Work


class Origin(Struct, frozen=True, kw_only=True):
    """A field in a file: of the object itself, or of an override policy (`policy` is its key)."""

    location: SourceLocation | None
    resource: str
    field: str
    policy: str = ""


class Origins:
    """Finds who wrote a field of a Work that was built with `trace`."""

    def __init__(self, fleet: Fleet, policies: Sequence[OverridePolicy]) -> None:
        self._places = {template.ref: template.location for template in fleet.templates}
        self._policies = {policy.key: policy for policy in policies}

    def of(self, work: Work, path: FieldPath) -> Origin:
        """Return where the field at `path` of a Work, or its absence, comes from."""
        step = _last_change(work.trace.steps if work.trace else (), path)
        if step is not None and step.rule is not None:
            policy = self._policies.get(step.rule.policy)
            if policy is not None:
                return Origin(
                    location=policy.location,
                    resource=policy.key,
                    field=f"spec.{step.place}",
                    policy=policy.key,
                )
        return self.template(work.template, path)

    def template(self, ref: ObjectReference, path: FieldPath) -> Origin:
        """Return the field of an object as it stands in Git."""
        return Origin(location=self._places.get(ref), resource=str(ref), field=format_path(path))


_ABSENT = object()


def _last_change(steps: Sequence[Step], path: FieldPath) -> Step | None:
    """Return the last override that changed the value at `path`, None when none did."""
    found = None
    before: object = _ABSENT
    for index, step in enumerate(steps):
        value = _at(step.manifest, path)
        is_changed = index > 0 and value is not before and value != before
        if is_changed and step.action is Action.OVERRIDE:
            found = step
        before = value
    return found


def _at(value: object, path: FieldPath) -> object:
    for key in path:
        is_there = (
            key in value
            if isinstance(value, dict)
            else isinstance(value, list) and isinstance(key, int) and key < len(value)
        )
        if not is_there:
            return _ABSENT
        value = value[key]  # type: ignore[index] # a map or list that has it
    return value
