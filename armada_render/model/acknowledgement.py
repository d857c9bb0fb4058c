"""Acknowledgements: consent, kept in Git, to the removal of exactly what one file lists.

Files of `.armada/acknowledged`, written by `render --acknowledge`. The digest binds the consent to
the list: who changes the list must acknowledge again.
"""

from collections.abc import Iterable

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.digest import sha256
from armada_render.model.resource import ObjectReference

ACKNOWLEDGED = ".armada/acknowledged"
"""The folder of acknowledgements, below the root."""
API_VERSION = "armada-render/v1"
KIND = "Acknowledgement"


class ObjectKey(Struct, frozen=True, order=True):
    """What an object is to an API server, whatever version it is written in; `group` "" is core."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def title(self) -> str:
        """The object as messages name it: `Deployment default/web`."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"

    def __str__(self) -> str:
        return f"{self.group}/{self.title}" if self.group else self.title


class Removal(Struct, frozen=True, order=True):
    """An object that a cluster gets no more; `app` is what it belonged to there."""

    cluster: str
    app: str
    key: ObjectKey


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """Consent to `removals`; `digest` is the one over them, and `location` where it stands."""

    removals: frozenset[Removal]
    digest: str
    reason: str = ""
    by: str = ""
    location: SourceLocation | None = None


def is_acknowledgement(manifest: object) -> bool:
    """Tell whether a document is an acknowledgement, which is no object and has no metadata."""
    return (
        isinstance(manifest, dict)
        and manifest.get("kind") == KIND
        and manifest.get("apiVersion") == API_VERSION
    )


def object_key(ref: ObjectReference) -> ObjectKey:
    """Return what `ref` is to an API server."""
    return ObjectKey(ref.api_version.rpartition("/")[0], ref.kind, ref.namespace, ref.name)


def parsed_key(text: str) -> ObjectKey | None:
    """Return the key that prints as `text`, None when there is none."""
    kind, blank, where = text.partition(" ")
    namespace, slash, name = where.partition("/")
    if not slash:
        namespace, name = "", where
    group, _, kind = kind.rpartition("/")
    return ObjectKey(group, kind, namespace, name) if kind and blank and name else None


def removals_digest(removals: Iterable[Removal], round_: int = 1) -> str:
    """Return the SHA-256 over removals, whatever their order and however they are grouped."""
    lines = sorted(f"{one.cluster}\0{one.app}\0{one.key}\n" for one in removals)
    if round_ > 1:
        lines.append(f"round {round_}\n")
    return "sha256:" + sha256("".join(lines).encode(errors="backslashreplace")).hex()
