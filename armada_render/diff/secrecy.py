"""Make values fit to be shown: a secret becomes `•••`, a changed one `••• (changed)`. Pure.

While two values are compared, each secret in them is a keyed hash, so that nothing behind this
module holds one in clear, and nobody without the key can try guesses. What is shown at last is the
mask alone.
"""

import hashlib
import re
from typing import Any

import msgspec

from armada_render.explain.redact import MASK, is_secret, shown
from armada_render.model.decode import FieldPath
from armada_render.model.resource import Manifest

CHANGED = f"{MASK} (changed)"

# Private use characters: what a manifest really says of them is lost, and harms nobody.
_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(f"{MASK}{_OPEN}([0-9a-f]+){_CLOSE}")


class Secrecy:
    """Hides secrets under one key, which is best a random one that nobody keeps."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hide(
        self,
        value: Any,  # noqa: ANN401 - plain JSON data
        path: FieldPath,
        *manifests: Manifest,
    ) -> Any:  # noqa: ANN401 - plain JSON data
        """Return `value`, which stands at `path` of the first of `manifests`, with secrets hashed.

        If any of the manifests is a Secret, all are.
        """
        secret = any(map(is_secret, manifests))
        return shown(value, path, manifests[0], secret=secret, mask=self._hashed)

    def _hashed(self, value: object) -> str:
        data = msgspec.json.encode(value, order="sorted")
        digest = hashlib.blake2b(data, key=self._key, digest_size=16).hexdigest()
        return f"{MASK}{_OPEN}{digest}{_CLOSE}"


def revealed(before: Any, after: Any) -> tuple[Any, Any]:  # noqa: ANN401 - plain JSON data
    """Return two hidden values as they are shown; what `before` does not hold has changed."""
    known = frozenset(_hashes(before))
    return _plain(before, None), _plain(after, known or None)


def has_secret(value: Any) -> bool:  # noqa: ANN401 - plain JSON data
    """Tell whether a hidden value holds a secret."""
    return any(True for _ in _hashes(value))


def _hashes(value: Any) -> Any:  # noqa: ANN401 - plain JSON data
    if isinstance(value, str):
        yield from _TOKEN.findall(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _hashes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _hashes(item)


def _plain(value: Any, known: frozenset[str] | None) -> Any:  # noqa: ANN401 - plain JSON data
    """Return a value without hashes; None for `known` says that there is nothing to compare."""
    if isinstance(value, str):
        return _TOKEN.sub(
            lambda token: MASK if known is None or token[1] in known else CHANGED, value
        )
    if isinstance(value, dict):
        return {key: _plain(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, known) for item in value]
    return value
