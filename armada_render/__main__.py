"""`python -m armada_render`, and the `armada-render` program."""

import sys


def main() -> None:
    """Run the command line, or Argo CD's plugin, and exit with its code."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["cmp"]:
        # Started for every Application and commit: the command tree is not loaded.
        from armada_render import cmp  # noqa: PLC0415

        sys.exit(cmp.main(arguments[1:]))
    from armada_render.cli import run  # noqa: PLC0415 - keeps `import armada_render.__main__` free

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
