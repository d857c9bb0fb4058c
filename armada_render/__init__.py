"""Karmada without the control plane: placement, replica division and overrides computed from Git.

The public API is what this module exports; everything else may change between versions::

    import armada_render

    rendering = armada_render.render(objects)       # objects: plain Kubernetes dicts, or a Fleet
    rendering.works["member1"]                       # what cluster member1 gets
    rendering.to_dict()                              # what `armada-render render -o json` prints

What is exported is imported when it is first asked for: the command line starts without it.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any  # noqa: TID251 - not against cycles, but for a fast start

from armada_render.version import KARMADA_VERSION, __version__

__all__ = [
    "KARMADA_VERSION",
    "ArmadaError",
    "ExitCode",
    "Fleet",
    "GuardError",
    "InputError",
    "OverrideError",
    "PlacementError",
    "Problem",
    "RenderOptions",
    "Rendering",
    "SourceError",
    "SourceLocation",
    "__version__",
    "health",
    "read",
    "render",
    "yamlio",
]

_HOMES = {
    "Fleet": "armada_render.model.fleet",
    "RenderOptions": "armada_render.pipeline",
    "Rendering": "armada_render.pipeline",
    "render": "armada_render.pipeline",
}

if TYPE_CHECKING:
    from armada_render import yamlio
    from armada_render.errors import (
        ArmadaError,
        ExitCode,
        GuardError,
        InputError,
        OverrideError,
        PlacementError,
        Problem,
        SourceError,
        SourceLocation,
    )
    from armada_render.model.fleet import Fleet
    from armada_render.pipeline import Rendering, RenderOptions, render
else:  # type checkers would take every name for an attribute

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - see above

        if name == "yamlio":
            return import_module("armada_render.yamlio")
        value = getattr(import_module(_HOMES.get(name, "armada_render.errors")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def read(path: str) -> "Fleet":
    """Read the manifests below a directory, or of a file, into a `Fleet` for `render`.

    What is wrong with single documents is in `Fleet.problems`. Raises `InputError` when there is
    no such path and `SourceError` when it cannot be read.
    """
    from armada_render.load import DirectorySource, load  # noqa: PLC0415 - see above

    return load(DirectorySource(path)).fleet


def health(manifest: Mapping[str, Any], *, customizations: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return `Healthy`, `Unhealthy` or `Unknown` for an object as a member cluster reports it.

    `customizations` are ResourceInterpreterCustomization objects, which go before the built-in
    rules; kinds without a rule count as healthy (pkg/resourceinterpreter).
    """
    from armada_render.interpret import Interpreter  # noqa: PLC0415 - see above
    from armada_render.load import from_objects  # noqa: PLC0415 - see above

    fleet = from_objects(customizations)
    return Interpreter(fleet.customizations).health(dict(manifest))
