"""`python -m armada_render`, and the `armada-render` program."""

import gc
import os
import sys
from types import ModuleType

_FEW_SWEEPS = 200_000
"""Objects between two searches for garbage in cycles: a run makes next to none, and a large fleet
spends an eighth of its time on looking."""


def main() -> None:
    """Run the command line, or Argo CD's plugin, and exit with its code."""
    gc.set_threshold(_FEW_SWEEPS)
    arguments = sys.argv[1:]
    if arguments[:1] == ["cmp"]:
        # Started for every Application and commit: the command tree is not loaded.
        _import_lean_msgspec()
        from armada_render import cmp  # noqa: PLC0415

        sys.exit(cmp.main(arguments[1:]))
    from armada_render.cli import run  # noqa: PLC0415 - keeps `import armada_render.__main__` free

    sys.exit(run(arguments))


def _import_lean_msgspec() -> None:
    """Import msgspec without what only JSON Schemas need, and `uuid` without `platform`.

    They would be an eighth of a start. Stand-ins take their places for as long as that import
    lasts; whoever asks for one of them later gets the real module.
    """
    stand_ins: dict[str, dict[str, object]] = {
        "platform": {"system": lambda: os.uname().sysname},
        "msgspec._json_schema": {"schema": None, "schema_components": None},
        "msgspec.inspect": {},
        "msgspec.toml": {},
        "msgspec.yaml": {},
    }
    if not sys.modules.keys().isdisjoint((*stand_ins, "msgspec", "uuid")):
        return
    for name, attributes in stand_ins.items():
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__dict__.update(attributes)
    try:
        import msgspec  # noqa: PLC0415

        for name in stand_ins:
            msgspec.__dict__.pop(name.removeprefix("msgspec."), None)
    finally:
        for name in stand_ins:
            del sys.modules[name]


if __name__ == "__main__":
    main()
