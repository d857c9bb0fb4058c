"""Make a difference fit to be shown: in words, with lines, without secrets. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from armada_render.diff.fields import FieldChange, path_text, positions
from armada_render.diff.model import (
    Cause,
    Difference,
    Movement,
    ObjectChange,
    Risk,
    Side,
    Variant,
)
from armada_render.diff.rows import (
    CauseRow,
    Document,
    FieldRow,
    FullRow,
    HeadlineRow,
    ImageRow,
    ObjectRow,
    PlacementRow,
    RiskRow,
    ShareRow,
    SideRow,
    WithheldRow,
)
from armada_render.diff.secrecy import Secrecy, has_secret, revealed
from armada_render.diff.summary import summary
from armada_render.diff.words import cause_text, headlines, movement_text, name_of
from armada_render.errors import Problem, SourceLocation
from armada_render.explain.fieldpath import ABSENT
from armada_render.model.resource import ObjectReference

Locate = Callable[[Cause], SourceLocation | None]
"""Says on which line the field of a cause stands."""


def document(  # noqa: PLR0913 - what a document is made of
    difference: Difference,
    *,
    base: SideRow,
    head: SideRow,
    key: bytes,
    locate: Locate = lambda cause: cause.location,
    full: bool = False,
    notes: Sequence[str] = (),
) -> Document:
    """Return a difference in words, with secrets hashed under `key` and then masked.

    `locate` finds lines; with `full` the whole manifests are part of it.
    """
    return _Writer(key, locate, full=full).document(difference, base, head, notes)


class _Writer:
    """Makes rows, and asks for the line of each cause once."""

    def __init__(self, key: bytes, locate: Locate, *, full: bool) -> None:
        self._secrecy = Secrecy(key)
        self._locate = locate
        self._full = full
        self._located: dict[Cause, Cause] = {}

    def document(
        self, difference: Difference, base: SideRow, head: SideRow, notes: Sequence[str]
    ) -> Document:
        unknown = difference.unknown
        base = replace(base, withheld=base.withheld or Side.BASE in unknown)
        head = replace(head, withheld=head.withheld or Side.HEAD in unknown)
        return Document(
            base=base,
            head=head,
            summary=summary(difference, is_known=not (base.withheld or head.withheld)),
            headlines=tuple(self._headlines(difference.movements)),
            risks=tuple(map(self._risk, difference.risks)),
            images=tuple(
                ImageRow(
                    object=str(item.ref),
                    title=name_of(item.ref),
                    container=item.container,
                    before=item.before,
                    after=item.after,
                    clusters=item.clusters,
                )
                for item in difference.images
            ),
            placements=tuple(map(self._placement, difference.movements)),
            objects=tuple(map(self._object, difference.objects)),
            withheld=tuple(
                WithheldRow(
                    object=str(item.ref),
                    title=name_of(item.ref),
                    side=str(item.side),
                    message=item.message,
                )
                for item in difference.withheld
            ),
            notes=tuple(notes),
        )

    def _headlines(self, movements: Iterable[Movement]) -> Iterator[HeadlineRow]:
        for item in headlines(movements):
            refs = [movement.ref for movement in item.movements]
            yield HeadlineRow(text=item.text, causes=self._causes(item.causes, refs))

    def _placement(self, item: Movement) -> PlacementRow:
        def shares(found: Iterable[tuple[str, int]]) -> tuple[ShareRow, ...]:
            return tuple(
                ShareRow(name=name, replicas=count if item.is_workload else UNSET)
                for name, count in sorted(found)
            )

        return PlacementRow(
            object=str(item.ref),
            text=movement_text(item),
            before=shares(item.before.items()),
            after=shares(item.after.items()),
            causes=self._causes(item.causes, [item.ref]),
        )

    def _object(self, item: ObjectChange) -> ObjectRow:
        variant = item.variants[0]
        return ObjectRow(
            object=str(item.ref),
            title=name_of(item.ref),
            change=str(item.change),
            clusters=item.clusters,
            fields=tuple(self._field(field, variant) for field in item.fields),
            causes=self._causes(item.causes, [item.ref]),
            app_before=item.apps[0] if item.apps else UNSET,
            app_after=item.apps[1] if item.apps else UNSET,
            manifests=tuple(map(self._manifests, item.variants)) if self._full else UNSET,
        )

    def _field(self, field: FieldChange, variant: Variant) -> FieldRow:
        old, new = variant.before, variant.after
        hidden: list[Any] = []
        for value, work, other in ((field.before, old, new), (field.after, new, old)):
            if value is ABSENT or work is None or other is None:
                hidden.append(UNSET)
            else:
                path = positions(field.path, work.manifest)
                hidden.append(self._secrecy.hide(value, path, work.manifest, other.manifest))
        before, after = revealed(*hidden)
        return FieldRow(
            field=path_text(field.path),
            change=str(field.kind),
            secret=any(map(has_secret, hidden)),
            before=before,
            after=after,
        )

    def _manifests(self, variant: Variant) -> FullRow:
        works = [work for work in (variant.before, variant.after) if work is not None]
        both = [work.manifest for work in works]
        hidden = {
            id(work): self._secrecy.hide(work.manifest, (), work.manifest, *both) for work in works
        }
        before, after = revealed(
            hidden[id(variant.before)] if variant.before else None,
            hidden[id(variant.after)] if variant.after else None,
        )
        return FullRow(clusters=variant.clusters, before=before, after=after)

    def _risk(self, item: Risk) -> RiskRow:
        return RiskRow(
            rule=item.rule,
            level=str(item.level),
            object=str(item.ref),
            title=name_of(item.ref),
            clusters=item.clusters,
            message=item.message,
            field=item.field,
            hint=item.hint,
            causes=self._causes(item.causes, [item.ref]),
        )

    def _causes(
        self, causes: Iterable[Cause], about: Sequence[ObjectReference]
    ) -> tuple[CauseRow, ...]:
        return tuple(self._cause(cause, about) for cause in causes)

    def _cause(self, cause: Cause, about: Sequence[ObjectReference]) -> CauseRow:
        if cause not in self._located:
            self._located[cause] = replace(cause, location=self._locate(cause))
        found = self._located[cause]
        return CauseRow(
            origin=str(found.origin),
            name=found.name,
            change=found.change,
            field=found.field,
            side=str(found.side),
            path=found.location.path if found.location else "",
            line=found.location.line if found.location else 0,
            text=cause_text(found, about),
        )


def side_row(
    revision: str, commit: str, problems: Iterable[Problem] = (), *, withheld: bool = False
) -> SideRow:
    """Return a side; with problems it may yet be compared in part, unless it is `withheld`."""
    return SideRow(
        revision=revision, commit=commit, withheld=withheld, problems=tuple(map(str, problems))
    )
