"""Write one file among those of people: whole or not at all, never through a link."""

import os

from armada_render.errors import InputError, Problem, SourceError


def write_file(root: str, path: str, data: bytes) -> None:
    """Make the file `path`, relative to `root`, hold `data`; missing folders are made.

    Raises `InputError` when a link stands on the way and `SourceError` when the disk refuses; an
    old file is intact then.
    """
    target = os.path.join(root, path)  # noqa: PTH118
    folder = os.path.dirname(target)  # noqa: PTH120
    parts = os.path.dirname(path).split("/")  # noqa: PTH120
    for count in range(1, len(parts) + 1):
        part = os.path.join(root, *parts[:count])  # noqa: PTH118
        if os.path.islink(part):  # noqa: PTH114
            # What is written through a link may land outside of the repository.
            raise InputError(
                Problem(
                    message=f"{part} is a symbolic link, and nothing is written through links",
                    hint="put a folder in its place",
                )
            )
    fresh = f"{target}.tmp"
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
        os.replace(fresh, target)  # noqa: PTH105
    except OSError as error:
        raise SourceError(f"{target} cannot be written: {error.strerror}") from error
