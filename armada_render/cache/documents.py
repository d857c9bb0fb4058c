"""Parsed files by what they hold: reading one again costs a tenth of parsing it."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from armada_render.cache.store import Store
from armada_render.model.digest import sha256
from armada_render.yamlio import Document, load_documents

DIRECT_BYTES = 128 * 1024
"""What a run parses without asking: a small fleet does not pay for files in the cache."""

# The names in clear of what should not be copied to another place on the disk.
_SECRET = "Secret"  # noqa: S105


class DocumentReader:
    """Reads the documents of a file as `load_documents` does, from the cache when it can."""

    def __init__(
        self, store: Store, program: Callable[[], bytes], direct_bytes: int = DIRECT_BYTES
    ) -> None:
        self._store = store
        self._program = program
        self._direct = direct_bytes
        self.hits = 0

    def __call__(self, data: bytes) -> list[Document]:
        """Return the documents of a file. Raises `YamlError`, which is not kept."""
        if self._direct > 0:
            self._direct -= len(data)
            return load_documents(data)
        name = "documents-" + sha256(self._program() + data).hex()
        content = self._store.get(name)
        if content is not None:
            self.hits += 1
            return [Document(*parts) for parts in msgspec.msgpack.decode(content)]
        documents = load_documents(data)
        if not any(_is_secret(document.value) for document in documents):
            parts = [(one.value, one.line, one.index) for one in documents]
            # MessagePack has no number above 64 bits; such a file is parsed each time.
            with contextlib.suppress(OverflowError):
                self._store.put(name, msgspec.msgpack.encode(parts))
        return documents


def _is_secret(value: Any) -> bool:  # noqa: ANN401 - any YAML
    """Tell whether a document is a Secret or a list that may hold one."""
    if not isinstance(value, dict):
        return False
    if _SECRET in str(value.get("kind")):
        return True
    items = value.get("items")
    return isinstance(items, Iterable) and any(map(_is_secret, items))
