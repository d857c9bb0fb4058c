"""The parts of a comment, as `diff -o markdown` prints them: each begins with a marker line."""

import re

from armada_render.diff.markdown import LIMIT, MARKER
from armada_render.errors import InputError

_FIRST_LINE = re.compile(
    re.escape(MARKER) + r": part (\d+) of (\d+)(?:: (?P<key>[^\s<>]+))? -->", re.ASCII
)
_KEY = re.compile(r"[A-Za-z0-9._/-]{1,100}", re.ASCII)


def split(text: str, key: str) -> list[str]:
    """Return the parts of `text`, marked with `key`; nothing for an empty text.

    Text without markers is one part. Only a line that continues the count begins a part.
    """
    if not _KEY.fullmatch(key) or "--" in key:
        raise InputError(f"{key!r} cannot be a key: use letters, digits and . _ / -")
    if not text.strip():
        return []
    bodies: list[list[str]] = []
    total = 0
    for line in text.splitlines():
        found = _FIRST_LINE.fullmatch(line)
        if found and _continues(int(found[1]), int(found[2]), len(bodies), total):
            total = int(found[2])
            bodies.append([])
        elif not bodies:
            total = 1
            bodies.append([line])
        else:
            bodies[-1].append(line)
    parts = [
        f"{MARKER}: part {number} of {len(bodies)}: {key} -->\n" + "\n".join(body).strip() + "\n"
        for number, body in enumerate(bodies, 1)
    ]
    longest = max(map(len, parts))
    if longest > LIMIT:
        raise InputError(
            f"a comment of {longest:,} characters is longer than the {LIMIT:,} allowed"
        )
    return parts


def _continues(number: int, of: int, done: int, total: int) -> bool:
    return number == done + 1 <= of and total in (0, of)


def is_ours(body: str, key: str) -> bool:
    """Tell whether a comment is one that was posted with this key."""
    found = _FIRST_LINE.fullmatch(body.split("\n", 1)[0].strip())
    return found is not None and found["key"] == key
