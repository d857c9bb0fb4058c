"""Which apps one of several processes renders. Pure."""

import re

from msgspec import Struct

from armada_render.model.digest import sha256

_TEXT = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Shard(Struct, frozen=True, order=True):
    """Part `number` of `of`, counted from 1."""

    number: int
    of: int

    def holds(self, app: str) -> bool:
        """Tell whether `app` is one of this part's: each app is in one of them, for ever."""
        digest = sha256(app.encode(errors="surrogateescape"))
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def parsed_shard(text: str) -> Shard | None:
    """Return what `2/3` says, None when it says nothing."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    number, of = map(int, match.groups())
    return Shard(number, of) if 1 <= number <= of else None
