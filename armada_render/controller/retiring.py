"""What a failover takes off a cluster as a whole is retired there. Pure.

Argo CD removes nothing of an app whose bundle is gone: its Application has nothing to compare with
any more, and the old copy would run again as soon as the cluster does. `retire` in `armada.yaml`
is what empties it (docs/decisions/0041), and it must not name what is placed there again.
"""

from collections.abc import Mapping, Sequence

from armada_render.errors import InputError, Problem
from armada_render.model.config import CONFIG_NAME, Config, Retirement
from armada_render.model.work import Work
from armada_render.yamlio import YamlError, load_documents
from armada_render.yamlio.edit import REMOVE, Change, edited

_Works = Mapping[str, Sequence[Work]]


def retirements(config: Config, before: _Works, after: _Works) -> tuple[Retirement, ...]:
    """Return the entries that `retire` is to have, those that stay as they are first.

    `before` and `after` are the Works of each cluster. Without Argo CD nobody reads them.
    """
    if config.argocd is None:
        return config.retire
    placed = {(cluster, work.app) for cluster, works in after.items() for work in works}
    gone = {(cluster, work.app) for cluster, works in before.items() for work in works} - placed
    kept = tuple(one for one in config.retire if (one.cluster, one.app) not in placed)
    fresh = sorted(
        (cluster, app)
        for cluster, app in gone
        if not any(one.covers(cluster, app) for one in config.retire)
    )
    return (*kept, *(Retirement(cluster=cluster, app=app) for cluster, app in fresh))


def written(data: bytes, wanted: Sequence[Retirement]) -> bytes:
    """Return `armada.yaml` with these entries; raise `InputError` when it cannot be edited."""
    value = [
        {key: text for key, text in (("cluster", one.cluster), ("app", one.app)) if text}
        for one in wanted
    ]
    try:
        (document,) = load_documents(data)
        return edited(data, [Change(("retire",), value or REMOVE)], line=document.line)
    except (YamlError, ValueError) as error:
        raise InputError(
            Problem(message=f"{CONFIG_NAME}: retire cannot be written: {error}", field="retire")
        ) from error
