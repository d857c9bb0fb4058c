"""What a rendering says of some apps, and nothing of the others. Pure."""

from collections.abc import Collection

from msgspec.structs import replace

from armada_render.load import Loaded
from armada_render.pipeline import Rendering

_SELECTS_NOTHING = "policy-selects-nothing"
"""What nobody can tell who has not read everything."""


def narrowed(
    loaded: Loaded, rendering: Rendering, apps: Collection[str]
) -> tuple[Loaded, Rendering]:
    """Return what was loaded and rendered as far as it is of `apps`.

    All problems stay: what is wrong with one object may be why another is not placed. Warnings
    about other objects go.
    """
    fleet = loaded.fleet
    own = {one.ref for one in fleet.templates if one.app in apps}
    others = {str(one.ref) for one in fleet.templates if one.app not in apps}
    fleet = replace(
        fleet,
        templates=tuple(one for one in fleet.templates if one.ref in own),
        previous_bindings={ref: one for ref, one in fleet.previous_bindings.items() if ref in own},
    )
    rendering = replace(
        rendering,
        bindings=tuple(one for one in rendering.bindings if one.template.app in apps),
        works={
            cluster: mine
            for cluster, group in rendering.works.items()
            if (mine := tuple(work for work in group if work.app in apps))
        },
        suspended={ref: names for ref, names in rendering.suspended.items() if ref in own},
        unpropagated=tuple(ref for ref in rendering.unpropagated if ref in own),
        passed_over={ref: why for ref, why in rendering.passed_over.items() if ref in own},
        warnings=tuple(
            one
            for one in rendering.warnings
            if one.resource not in others and one.rule != _SELECTS_NOTHING
        ),
    )
    return replace(loaded, fleet=fleet), rendering
