"""`python -m armada_render`, and the `armada-render` program."""

import gc
import sys

_FEW_SWEEPS = 200_000
"""Objects between two searches for garbage in cycles: a run makes next to none, and a large fleet
spends an eighth of its time on looking."""


def main() -> None:
    """Run the command line, or Argo CD's plugin, and exit with its code."""
    gc.set_threshold(_FEW_SWEEPS)
    arguments = sys.argv[1:]
    if arguments[:1] == ["cmp"]:
        # Started for every Application and commit: the command tree is not loaded.
        from armada_render import cmp  # noqa: PLC0415

        sys.exit(cmp.main(arguments[1:]))
    from armada_render.cli import run  # noqa: PLC0415 - keeps `import armada_render.__main__` free

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
