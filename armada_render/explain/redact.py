"""Hide what may be a secret, in anything that is shown of a manifest.

A plain mask stands for every such value, long or short, so that nothing can be guessed from it.
Whether two of them differ was decided before they are masked.
"""

import re
from collections.abc import Callable
from typing import Any

from armada_render.explain.fieldpath import look_up
from armada_render.model.decode import FieldPath
from armada_render.model.resource import Manifest

MASK = "•••"

_SECRET_FIELDS = ("data", "stringData")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_WORDS = (
    r"(?:passw(?:or)?d|passphrase|token|secret|credentials?"
    r"|(?:api|access|private|encryption|signing)[-_.]?key)s?"
)
# A key that says that its value is a secret; `secretName` and `tokenSecretRef` only name one.
_SECRET_KEY = re.compile(rf"{_WORDS}$", re.IGNORECASE)
_IN_TEXT = (
    # --password=hunter2, "token":"...", password: ...; but no image acme/token:1.0
    re.compile(rf"""({_WORDS}(?:["']\s*[=:]\s*|\s*=\s*|:\s+)["']?)[^\s"'&,;]+""", re.IGNORECASE),
    # https://user:hunter2@host
    re.compile(r"(\w://[^/\s:@]*:)[^/\s@]+(?=@)"),
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*", re.DOTALL),
    re.compile(r"(\bBearer\s+)[\w.~+/=-]+", re.IGNORECASE),
)


def is_secret(manifest: Manifest) -> bool:
    """Tell whether the values below `data` and `stringData` are secrets: the kind alone decides."""
    return manifest.get("kind") == "Secret"


Mask = Callable[[Any], str]
"""What is shown instead of a value."""


def hidden(value: object) -> str:
    """Return the mask that is the same for every value."""
    del value
    return MASK


def shown(
    value: Any,  # noqa: ANN401 - plain JSON data
    path: FieldPath,
    manifest: Manifest,
    *,
    secret: bool,
    mask: Mask = hidden,
) -> Any:  # noqa: ANN401 - plain JSON data
    """Return `value`, which stands at `path` of `manifest`, fit to be shown.

    `secret` says that the manifest is, or was at some step, a Secret. `mask` stands for what may
    be a secret.
    """
    if (secret and path and path[0] in _SECRET_FIELDS) or (path and path[-1] == _LAST_APPLIED):
        return _masked(value, mask)
    if path and path[-1] == "value" and _names_value(look_up(manifest, path[:-1])):
        return _masked(value, mask)
    return _shown(value, path, mask, secret=secret)


def _shown(value: Any, path: FieldPath, mask: Mask, *, secret: bool) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        names = _names_value(value)
        return {
            key: _masked(item, mask)
            if (names and key == "value")
            or key == _LAST_APPLIED
            or (secret and not path and key in _SECRET_FIELDS)
            else _shown(item, (*path, key), mask, secret=secret)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _shown(item, (*path, index), mask, secret=secret) for index, item in enumerate(value)
        ]
    if isinstance(value, str):
        return _masked(value, mask) if _is_secret_field(path) else _text(value, mask)
    return value


def _names_value(node: object) -> bool:
    """Tell whether `value` in an object is a secret by the name beside it, as in `env`."""
    name = node.get("name") if isinstance(node, dict) else None
    return isinstance(name, str) and _SECRET_KEY.search(name) is not None


def _is_secret_field(path: FieldPath) -> bool:
    # The name of the field, or of the list that the value is an item of.
    names = [step for step in path if isinstance(step, str)]
    return bool(names) and _SECRET_KEY.search(names[-1]) is not None


def _text(text: str, mask: Mask) -> str:
    for pattern in _IN_TEXT:
        text = pattern.sub(lambda found: found[1] + mask(found[0][len(found[1]) :]), text)
    return text


def _masked(value: Any, mask: Mask) -> Any:  # noqa: ANN401 - plain JSON data
    """Return `value` with its keys, but without what they hold."""
    if isinstance(value, dict):
        return {key: _masked(item, mask) for key, item in value.items()}
    return value if value is None or value == "" else mask(value)
