"""Nothing at all is never printed: Argo CD would remove everything (R3 of the design)."""

from collections.abc import Mapping, Sequence

from armada_render.errors import ExitCode, Problem
from armada_render.model.config import CONFIG_NAME, Retirement
from armada_render.model.work import Work
from armada_render.pipeline import Rendering


def nothing_rendered(rendering: Rendering, works: Mapping[str, Sequence[Work]]) -> Problem | None:
    """Refuse a result in which no cluster of `works` gets anything."""
    if any(works.values()):
        return None
    held = sum(len(names) for names in rendering.suspended.values())
    if not any(binding.targets for binding in rendering.bindings):
        cause = f"no policy takes any of the {len(rendering.unpropagated)} objects"
        hint = "check the resourceSelectors of the policies"
    elif held:
        cause = "suspension holds everything back"
        hint = "suspend later, or on some clusters only"
    else:
        cause = "what was rendered goes to other clusters"
        hint = "leave --cluster away to see where"
    where = f"{', '.join(works)} gets nothing" if len(works) == 1 else "no cluster gets anything"
    return Problem(
        message=f"{where}: {cause}",
        hint=f"an empty result would make Argo CD remove everything; {hint}",
        code=ExitCode.GUARD,
    )


def nothing_answered(
    cluster: str, app: str, homes: Sequence[str] | None, retired: Sequence[Retirement]
) -> Problem | None:
    """Refuse an Application of `app` ("": of all apps) that gets nothing on `cluster`.

    `homes` are the clusters that get any of it, None when there is no object at all. An entry of
    `retire` says that it is meant.
    """
    if any(one.covers(cluster, app) for one in retired):
        return None
    entry = f"{{cluster: {cluster}{f', app: {app}' if app else ''}}}"
    if homes is None:
        message = f"{f'no object belongs to {app}' if app else 'there is no object'}: Argo CD "
        message += "would remove all it has applied"
        hint = f"correct the path; if it is meant, list {entry} under retire in {CONFIG_NAME}"
    else:
        message = f"nothing of {app or 'the fleet'} is placed on {cluster}, only on "
        message += f"{', '.join(homes[:20]) or 'no cluster'}: Argo CD would remove what runs there"
        hint = f"if that is meant, list {entry} under retire in {CONFIG_NAME}"
    return Problem(message=message, hint=hint, code=ExitCode.GUARD)
