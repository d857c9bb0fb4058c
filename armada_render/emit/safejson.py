"""JSON that Argo CD, which reads it as YAML, gets back unchanged (no escapes that YAML refuses)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from armada_render.model.pattern import pattern

# Valid JSON leaves these raw; a YAML reader refuses them or takes them for line breaks.
_UNSAFE = pattern("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

_encoder = msgspec.json.Encoder(order="sorted")


def json_line(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest as one line of JSON with sorted keys, ending with a line break."""
    line = _encoder.encode(manifest)
    if not line.isascii() or b"\x7f" in line:
        text = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line.decode())
        line = text.encode()
    return line + b"\n"
