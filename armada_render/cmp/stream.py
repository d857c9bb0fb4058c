"""What Argo CD reads: `---` and one JSON object a document, read again before it is handed out.

The sidecar takes a stream that begins with `---` for YAML, reads it, and hands each document on as
Go writes JSON; the repo-server reads that as YAML again. Go leaves DEL, C1 and a few others bare,
which YAML refuses. A stream that begins with `{` passes the sidecar as it is, so where an object
holds such a character, the separators are left out.

Where Argo CD would not see what we mean (lists that unfold, objects that replace one another),
nothing is printed. The reading is that of `yamlio`, which has nothing in common with the writer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from armada_render.emit import json_line
from armada_render.errors import ExitCode, GuardError, Problem
from armada_render.load.identity import identity_problem
from armada_render.load.scope import group_kind
from armada_render.model.pattern import pattern
from armada_render.model.work import Work
from armada_render.yamlio import YamlError, load_documents

MOST_BYTES = 90 * 2**20
"""Argo CD's limit for a message is 100 MiB, and that holds the names of fields as well."""
_SEPARATOR = b"---\n"
# What `json_line` escapes besides JSON's own; an escaped backslash before `u` changes nothing.
_BARE_IN_GO = pattern(rb"\\u(?:007f|00[89][0-9a-f]|202[89]|feff|fff[ef])")
_DELIVERY_GROUPS = ("policy.karmada.io", "work.karmada.io")
_DELIVERY_KINDS = (
    "argoproj.io/Application",
    "argoproj.io/ApplicationSet",
    "argoproj.io/AppProject",
)

_Key = tuple[str, str, str, str]


def encoded(works: Sequence[Work], *, any_kind: bool) -> bytes:
    """Return the stream; raise `GuardError` when Argo CD would see something else in it.

    With `any_kind`, objects that deliver others (Applications, Karmada's policies) may pass.
    """
    problems = [
        problem
        for work in works
        for problem in (_unreadable(work), None if any_kind else _delivers(work))
        if problem
    ]
    if problems:
        raise GuardError(problems)
    try:
        lines = [json_line(work.manifest) for work in works]
    except UnicodeEncodeError as error:
        raise GuardError(_guard(None, "a text holds half of a surrogate pair", "")) from error
    separator = (
        b"" if any(b"\\u" in line and _BARE_IN_GO.search(line) for line in lines) else _SEPARATOR
    )
    data = b"".join(separator + line for line in lines) or _SEPARATOR
    if len(data) > MOST_BYTES:
        raise GuardError(
            _guard(
                None,
                f"{len(data) >> 20} MiB are more than Argo CD takes at once",
                "give each app an Application of its own",
            )
        )
    _check(lines if not separator else [data], [_key(work.manifest) for work in works])
    return data


def _check(texts: Iterable[bytes], expected: list[_Key]) -> None:
    try:
        found = [_key(document.value) for text in texts for document in load_documents(text)]
    except (YamlError, KeyError, TypeError, AttributeError):
        found = []
    if found != expected:
        raise GuardError(
            _guard(
                None,
                "the output does not read back as the objects that were rendered",
                "this is a bug in armada-render, please report it",
            )
        )


def _key(manifest: dict[str, Any]) -> _Key:
    metadata = manifest["metadata"]
    group, slash, _ = manifest["apiVersion"].rpartition("/")
    return (
        group if slash else "",
        manifest["kind"],
        metadata.get("namespace") or "",
        metadata["name"],
    )


def _unreadable(work: Work) -> Problem | None:
    wrong = identity_problem(work.manifest, None)
    if wrong is not None:
        return _guard(work, f"is no object any more: {wrong.message}", "see its overrides")
    manifest = work.manifest
    if "items" in manifest and (manifest["items"] is None or isinstance(manifest["items"], list)):
        return _guard(
            work,
            "Argo CD takes what has items at its top for a list, and would deliver the items",
            "rename the field in the custom resource, or deliver it by other means",
        )
    return None


def _delivers(work: Work) -> Problem | None:
    kind = group_kind(work.ref.api_version, work.ref.kind)
    if kind not in _DELIVERY_KINDS and kind.partition("/")[0] not in _DELIVERY_GROUPS:
        return None
    return _guard(
        work,
        "an object that delivers others is not sent to a member cluster",
        "take it out of the policy; where member clusters run an Argo CD of their own, set "
        "ARMADA_RENDER_CMP_ANY_KIND=true in the sidecar",
    )


def _guard(work: Work | None, message: str, hint: str) -> Problem:
    return Problem(
        message=message,
        resource=str(work.ref) if work else "",
        hint=hint,
        code=ExitCode.GUARD,
    )
