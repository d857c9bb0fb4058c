"""Decode acknowledgements, and check that their lists are those that were acknowledged."""

from collections.abc import Iterator
from typing import Any

from armada_render.errors import Problem, SourceLocation
from armada_render.model.acknowledgement import (
    API_VERSION,
    KIND,
    Acknowledgement,
    AcknowledgementDocument,
    Removal,
    Removed,
    parsed_key,
    removals_digest,
)
from armada_render.model.decode import decode, format_path

_AGAIN = "restore the file, or delete it and acknowledge again with `render --acknowledge`"


def is_acknowledgement(manifest: object) -> bool:
    """Tell whether a document is an acknowledgement, which is no object and has no metadata."""
    return (
        isinstance(manifest, dict)
        and manifest.get("kind") == KIND
        and manifest.get("apiVersion") == API_VERSION
    )


def acknowledgement(
    manifest: dict[str, Any], location: SourceLocation | None, problems: list[Problem]
) -> Acknowledgement | None:
    """Return what the document consents to, None when it cannot be used; `problems` say why."""
    decoded = decode(manifest, AcknowledgementDocument)
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


def _removals(entry: Removed) -> Iterator[Removal | None]:
    for text in entry.objects:
        key = parsed_key(text)
        for cluster in entry.clusters:
            yield Removal(cluster, entry.app, key) if key else None
