"""Bring what was built to the clusters it is for, sorted, with the errors as values."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from armada_render.build.failure import BuildError
from armada_render.build.order import Rule
from armada_render.model.binding import StageError
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.work import Built, Work


class Failed(Struct, frozen=True, kw_only=True, eq=False):
    """What went wrong with a template for some clusters, and in which override rule."""

    template: ResourceTemplate
    clusters: tuple[str, ...]
    error: BuildError
    rule: Rule | None = None


Outcome = tuple[Work, tuple[str, ...]] | Failed


def gathered(
    outcomes: Iterable[Outcome], suspended: Mapping[ObjectReference, tuple[str, ...]]
) -> Built:
    """Return the outcomes by cluster; what failed for a cluster is not held back there either."""
    done: list[tuple[Work, tuple[str, ...]]] = []
    errors: list[StageError] = []
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            errors += _errors(outcome)
        else:
            done.append(outcome)
    # Sorting the distinct Works sorts those of every cluster.
    done.sort(key=lambda item: (item[0].ref, item[0].template))
    lists: dict[str, list[Work]] = {}
    for work, names in _distinct(done, errors):
        for name in names:
            if name in lists:
                lists[name].append(work)
            else:
                lists[name] = [work]
    errors.sort(key=lambda error: (error.ref, error.cluster))
    failed = {(error.ref, error.cluster) for error in errors}
    held = {
        ref: tuple(name for name in names if (ref, name) not in failed)
        for ref, names in suspended.items()
    }
    return Built(
        works={name: tuple(lists[name]) for name in sorted(lists)},
        suspended={ref: names for ref, names in held.items() if names},
        errors=tuple(errors),
    )


def _errors(failed: Failed) -> Iterable[StageError]:
    policy = rule = ""
    if failed.rule is not None:
        policy = failed.rule.key.policy
        rule = f"{failed.rule.place}overriders.{failed.error.at}"
    return (
        StageError(
            stage="work",
            ref=failed.template.ref,
            message=failed.error.message,
            cluster=name,
            policy=policy,
            rule=rule,
            hint=failed.error.hint,
        )
        for name in failed.clusters
    )


def _distinct(
    done: Sequence[tuple[Work, tuple[str, ...]]], errors: list[StageError]
) -> Iterable[tuple[Work, tuple[str, ...]]]:
    """Yield `done` without Works that another template already gives to the same cluster.

    Overrides can rename two templates to the same object; upstream's Works overwrite each other.
    """
    ref: ObjectReference | None = None
    taken: dict[str, ObjectReference] = {}
    for work, names in done:
        if work.ref is not ref and work.ref != ref:
            ref = work.ref
            taken = {}
        clashes = taken.keys() & names
        errors += (_clash(work, taken[name], name) for name in clashes)
        mine = tuple(name for name in names if name not in clashes) if clashes else names
        taken.update(dict.fromkeys(mine, work.template))
        yield work, mine


def _clash(work: Work, other: ObjectReference, cluster: str) -> StageError:
    return StageError(
        stage="work",
        ref=work.template,
        message=f"becomes {work.ref}, as {other} already does",
        cluster=cluster,
        hint="let the overrides give them different names",
    )
