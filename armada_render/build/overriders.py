"""Apply the overriders of one rule (applyPolicyOverriders in overridemanager.go)."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from armada_render.build.failure import BuildError
from armada_render.model.override import Overriders
from armada_render.model.resource import Manifest

T = TypeVar("T")

Change = tuple[str, Callable[[Manifest], Manifest]]
"""The place of an overrider within `overriders`, and what it does to a manifest."""


def apply(
    manifest: Manifest,
    changes: Iterable[Change],
    seen: list[tuple[str, Manifest]] | None = None,
) -> Manifest:
    """Return `manifest` as the changes of a rule leave it. Raises `BuildError` with the place.

    `seen`, if given, receives the place of each change and the manifest after it.
    """
    for place, change in changes:
        try:
            manifest = _checked(change(manifest))
        except BuildError as error:
            raise error.within(place) from None
        if seen is not None:
            seen.append((place, manifest))
    return manifest


def changes(overriders: Overriders) -> Iterator[Change]:
    """Yield what a rule does and where that is written, in upstream's order, not the file's."""
    # Each kind is imported when a rule has one: most fleets use a few.
    if overriders.image_overrider:
        from armada_render.build import image  # noqa: PLC0415

        yield from _each("imageOverrider", overriders.image_overrider, image.apply)
    if overriders.command_overrider or overriders.args_overrider:
        yield from _words(overriders)
    if overriders.labels_overrider or overriders.annotations_overrider:
        yield from _metadata(overriders)
    if overriders.field_overrider:
        from armada_render.build import field  # noqa: PLC0415

        yield from _each("fieldOverrider", overriders.field_overrider, field.apply)
    if overriders.plaintext:
        yield _plaintext(overriders)


def _words(overriders: Overriders) -> Iterator[Change]:
    from armada_render.build import commandargs  # noqa: PLC0415 - see above

    yield from _each(
        "commandOverrider",
        overriders.command_overrider,
        lambda manifest, one: commandargs.apply(manifest, one, "command"),
    )
    yield from _each(
        "argsOverrider",
        overriders.args_overrider,
        lambda manifest, one: commandargs.apply(manifest, one, "args"),
    )


def _metadata(overriders: Overriders) -> Iterator[Change]:
    from armada_render.build import metadata  # noqa: PLC0415 - see above

    yield from _each(
        "labelsOverrider",
        overriders.labels_overrider,
        lambda manifest, one: metadata.apply(manifest, one, "labels"),
    )
    yield from _each(
        "annotationsOverrider",
        overriders.annotations_overrider,
        lambda manifest, one: metadata.apply(manifest, one, "annotations"),
    )


def _plaintext(overriders: Overriders) -> Change:
    """Return all plaintext items of a rule, one JSON Patch: applied as a whole or not at all."""
    from armada_render.build import jsonpatch  # noqa: PLC0415 - see above

    operations = [
        jsonpatch.Operation(one.operator, one.path, one.value) for one in overriders.plaintext
    ]

    def patched(manifest: Manifest) -> Manifest:
        changed = jsonpatch.apply(manifest, operations)
        if not isinstance(changed, dict):
            raise BuildError("the override turns the object into a list")
        return changed

    return "plaintext", patched


def _each(
    name: str, items: Iterable[T], apply_one: Callable[[Manifest, T], Manifest]
) -> Iterator[Change]:
    for index, item in enumerate(items):
        yield f"{name}[{index}]", partial(_swapped, apply_one, item)


def _swapped(apply_one: Callable[[Manifest, T], Manifest], item: T, manifest: Manifest) -> Manifest:
    return apply_one(manifest, item)


def _checked(manifest: Manifest) -> Manifest:
    # Upstream reads the object back after each step, which takes an object with a kind.
    kind = manifest.get("kind")
    if isinstance(kind, str) and kind:
        return manifest
    raise BuildError("the override leaves an object without kind")
