"""Applications that are generated no more: Argo CD keeps them, or deletes what they run."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.errors import ExitCode, Problem
from armada_render.model.config import CONFIG_NAME, Retirement
from armada_render.model.resource import Manifest

_RETIRE = f"list {{cluster: %s, app: %s}} under retire in {CONFIG_NAME}"


class Row(Struct, frozen=True, order=True):
    """An Application of a set; `is_retired`: it was there to remove everything."""

    name: str
    cluster: str
    app: str
    is_retired: bool = False


def rows_of(sets: Iterable[Manifest]) -> set[Row]:
    """Return the Applications of ApplicationSets; what was edited beyond recognition has none."""
    return {row for one in sets for element in _elements(one) for row in _row(element)}


def vanished(
    before: Collection[Row],
    after: Collection[Row],
    retired: Sequence[Retirement],
    *,
    deletes: bool,
) -> Iterator[Problem]:
    """Say what becomes of Applications that are generated no more.

    Warns where they stay. `deletes`: the controller deletes them, which is refused unless they are
    retired.
    """
    names = {row.name for row in after}
    for row in sorted(before):
        if row.name in names:
            continue
        meant = row.is_retired or any(one.covers(row.cluster, row.app) for one in retired)
        entry = _RETIRE % (row.cluster, row.app)
        if not deletes:
            hint = f"`argocd app delete {row.name}` deletes it"
            left = "" if row.is_retired else " with what it runs"
            yield Problem(
                message=f"is generated no more, and stays in Argo CD{left}",
                resource=f"Application/{row.name}",
                hint=hint
                if row.is_retired
                else f"{entry} first, or `argocd app delete {row.name}`",
            )
        elif not meant:
            yield Problem(
                message="would be deleted, as argocd.applicationsSync says, and what it runs with "
                "it if it has a finalizer",
                resource=f"Application/{row.name}",
                hint=f"correct the policies, or {entry}",
                code=ExitCode.GUARD,
            )


def _elements(application_set: Manifest) -> Iterator[Any]:
    spec = application_set.get("spec")
    generators = spec.get("generators") if isinstance(spec, dict) else None
    for generator in generators if isinstance(generators, list) else ():
        rows = generator.get("list") if isinstance(generator, dict) else None
        elements = rows.get("elements") if isinstance(rows, dict) else None
        yield from elements if isinstance(elements, list) else ()


def _row(element: Any) -> Iterator[Row]:  # noqa: ANN401 - whatever stands in a file
    if not isinstance(element, Mapping):
        return
    name, cluster = element.get("name"), element.get("cluster")
    app = element.get("appName", element.get("app"))
    if isinstance(name, str) and isinstance(cluster, str) and isinstance(app, str):
        yield Row(name, cluster, app, element.get("retired") is True)
