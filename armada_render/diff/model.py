"""What differs between two renderings, as values. Nothing here is fit to be shown: see `document`.

Field changes and manifests hold what stands in Git, secrets included.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from armada_render.diff.fields import FieldChange
from armada_render.errors import SourceLocation
from armada_render.model.resource import ObjectReference
from armada_render.model.result import Level
from armada_render.model.work import Work


class Side(StrEnum):
    """Which of the two renderings."""

    BASE = "base"
    HEAD = "head"


class Origin(StrEnum):
    """What kind of thing brought a change about."""

    TEMPLATE = "template"
    POLICY = "policy"
    OVERRIDE = "override"
    LOCK = "lock"
    CLUSTER = "cluster"
    DEPENDENCY = "dependency"


class Cause(Struct, frozen=True, order=True):
    """What brought a change about, and where that stands: in the files of `side`, at `field`.

    `name` is `Kind/namespace/name` of a policy, `apiVersion/kind/namespace/name` of a template,
    the name of a cluster. `change` says what happened to it.
    """

    origin: Origin
    name: str
    change: str = "changed"
    field: str = ""
    location: SourceLocation | None = None
    side: Side = Side.HEAD


class Change(StrEnum):
    """What happens to an object on some clusters."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Variant(Struct, frozen=True, kw_only=True, eq=False):
    """Clusters on which one Work becomes another; None for nothing."""

    clusters: tuple[str, ...]
    before: Work | None
    after: Work | None


class ObjectChange(Struct, frozen=True, kw_only=True, eq=False):
    """The same change of one object on some clusters, where it may stand in several variants.

    `apps` are the app before and after, when the object goes from one to the other. `is_total`: no
    cluster had what is added, or none has what is removed.
    """

    ref: ObjectReference
    change: Change
    clusters: tuple[str, ...]
    variants: tuple[Variant, ...]
    fields: tuple[FieldChange, ...] = ()
    causes: tuple[Cause, ...] = ()
    apps: tuple[str, str] | None = None
    is_total: bool = False


class Movement(Struct, frozen=True, kw_only=True):
    """Where a template goes, before and after: replicas by cluster, 0 for what is no workload.

    `is_each`: every cluster gets all replicas, they are not divided.
    """

    ref: ObjectReference
    is_workload: bool
    before: Mapping[str, int]
    after: Mapping[str, int]
    is_each: bool = False
    causes: tuple[Cause, ...] = ()

    @property
    def gone(self) -> tuple[str, ...]:
        """Clusters that lose it."""
        return tuple(sorted(self.before.keys() - self.after.keys()))

    @property
    def come(self) -> tuple[str, ...]:
        """Clusters that gain it."""
        return tuple(sorted(self.after.keys() - self.before.keys()))

    def touches(self, clusters: frozenset[str]) -> bool:
        """Tell whether anything differs on any of `clusters`."""
        return any(self.before.get(name) != self.after.get(name) for name in clusters)


class ImageChange(Struct, frozen=True, kw_only=True, order=True):
    """A container that runs another image."""

    ref: ObjectReference
    container: str
    before: str
    after: str
    clusters: tuple[str, ...]


class Risk(Struct, frozen=True, kw_only=True):
    """Something in a change that deserves a second look. `rule` is one of `risk.RULES`."""

    rule: str
    level: Level
    ref: ObjectReference
    clusters: tuple[str, ...]
    message: str
    field: str = ""
    hint: str = ""
    causes: tuple[Cause, ...] = ()


class Withheld(Struct, frozen=True, kw_only=True):
    """A resource that one side could not place or build: it is not compared, and not removed."""

    ref: ObjectReference
    side: Side
    message: str


class Difference(Struct, frozen=True, kw_only=True, eq=False):
    """What differs between two renderings, each part in the order of objects.

    Of a side that is `unknown` nothing can be said, so there is nothing else then.
    """

    objects: tuple[ObjectChange, ...] = ()
    movements: tuple[Movement, ...] = ()
    images: tuple[ImageChange, ...] = ()
    risks: tuple[Risk, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    unknown: tuple[Side, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.objects or self.movements)
