"""What has to happen to the comments that are there, so that they say what they should. Pure."""

from collections.abc import Sequence

from msgspec import Struct


class Comment(Struct, frozen=True):
    """A comment that is there."""

    id: str
    body: str


class Plan(Struct, frozen=True):
    """Comments to renew (with their new text), texts to post, comments to take away."""

    renewed: tuple[tuple[str, str], ...]
    posted: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def plan(there: Sequence[Comment], parts: Sequence[str]) -> Plan:
    """Return the least that turns our comments, oldest first, into `parts`.

    A comment that says the same already is left alone: nobody is notified of nothing.
    """
    both = list(zip(there, parts, strict=False))
    renewed = tuple((one.id, part) for one, part in both if _text(one.body) != _text(part))
    return Plan(
        renewed=renewed,
        posted=tuple(parts[len(there) :]),
        removed=tuple(one.id for one in there[len(parts) :]),
        unchanged=len(both) - len(renewed),
    )


def _text(body: str) -> str:
    # Hosts trim, and may turn line breaks into those of Windows.
    return body.replace("\r\n", "\n").strip()
