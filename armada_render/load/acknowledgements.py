"""Decode acknowledgements, and check that their lists are those that were acknowledged."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from armada_render.errors import Problem, SourceLocation
from armada_render.model.acknowledgement import (
    Acknowledgement,
    Removal,
    parsed_key,
    removals_digest,
)
from armada_render.model.decode import decode, format_path

_AGAIN = "restore the file, or delete it and acknowledge again with `render --acknowledge`"


class _Removed(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Objects of an app that leave clusters; `objects` are texts of `ObjectKey`."""

    app: str
    clusters: Annotated[tuple[str, ...], Meta(min_length=1)]
    objects: Annotated[tuple[str, ...], Meta(min_length=1)]


class _Document(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The file as it stands in Git.

    `round` tells the same removal for the second time from the first one, which is spent.
    """

    api_version: Literal["armada-render/v1"]
    kind: Literal["Acknowledgement"]
    reason: Annotated[str, Meta(min_length=1)]
    by: str = ""
    round: Annotated[int, Meta(ge=1)] = 1
    digest: str
    removed: Annotated[tuple[_Removed, ...], Meta(min_length=1)]


def acknowledgement(
    manifest: dict[str, Any], location: SourceLocation | None, problems: list[Problem]
) -> Acknowledgement | None:
    """Return what the document consents to, None when it cannot be used; `problems` say why."""
    decoded = decode(manifest, _Document)
    problems.extend(
        Problem(
            message=problem.message,
            location=location,
            field=format_path(problem.path),
            hint=problem.hint or _AGAIN,
        )
        for problem in decoded.problems
    )
    document = decoded.value
    if document is None:
        return None
    removals: set[Removal] = set()
    for index, entry in enumerate(document.removed):
        for removal in _removals(entry):
            if removal is None:
                problems.append(
                    Problem(
                        message="objects are written as `group/Kind namespace/name`",
                        location=location,
                        field=f"removed[{index}].objects",
                        hint=_AGAIN,
                    )
                )
                return None
            removals.add(removal)
    digest = removals_digest(removals, document.round)
    if digest != document.digest:
        problems.append(
            Problem(
                message="the list of what is removed is not the one that was acknowledged",
                location=location,
                field="digest",
                hint=_AGAIN,
            )
        )
        return None
    return Acknowledgement(
        removals=frozenset(removals),
        digest=digest,
        reason=document.reason,
        by=document.by,
        location=location,
    )


def _removals(entry: _Removed) -> Iterator[Removal | None]:
    for text in entry.objects:
        key = parsed_key(text)
        for cluster in entry.clusters:
            yield Removal(cluster, entry.app, key) if key else None
