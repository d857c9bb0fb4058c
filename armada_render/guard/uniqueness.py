"""Two objects with one identity on a cluster: Argo CD would take one of them, and not say which.

Within an Application the last one wins; two Applications fight over it for ever.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from armada_render.errors import ExitCode, Problem
from armada_render.model.acknowledgement import ObjectKey, object_key
from armada_render.model.work import Work


def repeated(works: Mapping[str, Sequence[Work]]) -> Iterator[Problem]:
    """Refuse objects that would replace each other on a cluster; each pair is told once."""
    if not _may_repeat(works.values()):
        return
    told: dict[tuple[str, str, str], list[str]] = {}
    pairs: dict[tuple[str, str, str], tuple[Work, Work]] = {}
    for cluster, group in works.items():
        first: dict[ObjectKey, Work] = {}
        for work in group:
            owner = first.setdefault(object_key(work.ref), work)
            if owner is not work:
                pair = (str(work.ref), str(owner.template), str(work.template))
                pairs.setdefault(pair, (work, owner))
                told.setdefault(pair, []).append(cluster)
    for pair, (work, owner) in pairs.items():
        clusters = told[pair]
        where = f"on {clusters[0]}" if len(clusters) == 1 else f"on {len(clusters)} clusters"
        yield Problem(
            message=f"{where} it is the same object as {owner.ref} (from {owner.template}): Argo "
            "CD would apply one of the two only",
            resource=str(work.ref),
            hint="keep one of the two, or send them to different clusters",
            code=ExitCode.GUARD,
        )


def _may_repeat(groups: Iterable[Sequence[Work]]) -> bool:
    """Tell whether two Works can have one identity at all, at the cost of a look at each.

    Templates differ in version, kind, namespace or name. So it takes an override that renames, or
    one group, kind and name in two versions.
    """
    works = {id(work): work for group in groups for work in group}
    if any(work.ref != work.template for work in works.values()):
        return True
    templates = {work.template for work in works.values()}
    return len({object_key(ref) for ref in templates}) < len(templates)
