"""The rows of a difference as it is shown: the public form that `diff -o json` prints. Pure.

Everything in them is redacted. Fields are described in docs/json-output.md and only ever added to.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from armada_render.errors import one_line

API_VERSION: Literal["armada-render/v1"] = "armada-render/v1"


class SideRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A side: what was asked for, the commit that is ("" for the work tree), and what is wrong.

    `withheld`: it could not be rendered, so nothing is said of it.
    """

    revision: str
    commit: str = ""
    withheld: bool = False
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How the side is called: `main (1a2b3c4)`, `work tree`."""
        if not self.commit:
            return "work tree"
        short = self.commit[:9]
        return short if self.commit == self.revision else f"{one_line(self.revision)} ({short})"


class CauseRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """What brought a change about; `line` 0 is an unknown one."""

    origin: str
    name: str
    change: str
    field: str
    side: str
    path: str
    line: int
    text: str


class ShareRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster that gets an object, with replicas if it is a workload."""

    name: str
    replicas: int | UnsetType = UNSET


class PlacementRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where an object went before, and goes now."""

    object: str
    text: str
    before: tuple[ShareRow, ...]
    after: tuple[ShareRow, ...]
    causes: tuple[CauseRow, ...]


class FieldRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A change of one field, redacted; `before` and `after` are unset where there was nothing."""

    field: str
    change: str
    secret: bool
    before: Any = UNSET
    after: Any = UNSET


class FullRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole manifest on some clusters before and after, redacted; null for none."""

    clusters: tuple[str, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ObjectRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """The same change of an object on some clusters. `title` is how people call the object."""

    object: str
    title: str
    change: str
    clusters: tuple[str, ...]
    fields: tuple[FieldRow, ...]
    causes: tuple[CauseRow, ...]
    app_before: str | UnsetType = UNSET
    app_after: str | UnsetType = UNSET
    manifests: tuple[FullRow, ...] | UnsetType = UNSET


class ImageRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A container that runs another image on some clusters."""

    object: str
    title: str
    container: str
    before: str
    after: str
    clusters: tuple[str, ...]


class RiskRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """What deserves a second look; `level` is `error`, `warning` or `note`."""

    rule: str
    level: str
    object: str
    title: str
    clusters: tuple[str, ...]
    message: str
    field: str
    hint: str
    causes: tuple[CauseRow, ...]


class WithheldRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A resource that one side could not place or build; it is not compared."""

    object: str
    title: str
    side: str
    message: str


class HeadlineRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """A sentence about where one or several objects go, and why."""

    text: str
    causes: tuple[CauseRow, ...]


class ClusterRow(Struct, frozen=True, kw_only=True, rename="camel"):
    """How many objects change on a cluster."""

    name: str
    added: int
    removed: int
    changed: int


class Summary(Struct, frozen=True, kw_only=True, rename="camel"):
    """Counts of distinct objects: an object that only moves is `moved`, not added and removed."""

    text: str
    added: int
    removed: int
    moved: int
    changed: int
    risks: int
    clusters: tuple[ClusterRow, ...]


class Document(Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole difference."""

    base: SideRow
    head: SideRow
    summary: Summary
    headlines: tuple[HeadlineRow, ...]
    risks: tuple[RiskRow, ...]
    images: tuple[ImageRow, ...]
    placements: tuple[PlacementRow, ...]
    objects: tuple[ObjectRow, ...]
    withheld: tuple[WithheldRow, ...]
    notes: tuple[str, ...] = ()
    api_version: Literal["armada-render/v1"] = API_VERSION
    kind: Literal["Diff"] = "Diff"

    @property
    def is_complete(self) -> bool:
        """Whether both sides were rendered, to the last resource."""
        return not (self.base.withheld or self.head.withheld or self.withheld)
