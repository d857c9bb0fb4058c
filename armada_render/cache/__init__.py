"""What earlier runs have worked out, kept by content: an edge that only makes things faster.

How to use it::

    cache = open_cache(os.environ)                 # None where there can be none
    if cache is not None:
        with cache:
            loaded = load(source, read=cache.documents)    # a directory, a Git revision, ...

An entry's name is the SHA-256 of what it was made from, of the version and the program's own files;
nothing else goes in, so that an entry is right or is not there. docs/decisions/0020-cache.md says
what may be trusted.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Self

from armada_render.cache.documents import DocumentReader
from armada_render.cache.fingerprint import fingerprint
from armada_render.cache.store import MAX_BYTES, Store, folder
from armada_render.model.digest import sha256

__all__ = ["MAX_BYTES", "Cache", "DocumentReader", "Store", "fingerprint", "folder", "open_cache"]


class Cache:
    """The cache of one run; a context manager that keeps the books when it ends."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep the books of what this process added."""
        self._store.close()

    @cached_property
    def _program(self) -> bytes:
        return fingerprint()

    @cached_property
    def documents(self) -> DocumentReader:
        """What reads the documents of a file."""
        return DocumentReader(self._store, lambda: self._program)

    @cached_property
    def known_documents(self) -> DocumentReader:
        """What reads the documents of a file that a run has read before: also the first ones."""
        return DocumentReader(self._store, lambda: self._program, direct_bytes=0)

    def get(self, key: bytes) -> bytes | None:
        """Return what was kept under `key`, which must name all that it was computed from."""
        return self._store.get(self._name(key))

    def put(self, key: bytes, content: bytes) -> None:
        """Keep `content` under `key`."""
        self._store.put(self._name(key), content)

    def _name(self, key: bytes) -> str:
        return "result-" + sha256(self._program + key).hex()


def open_cache(environment: Mapping[str, str]) -> Cache | None:
    """Return the cache of this user, None where no safe folder can be had."""
    where = folder(environment)
    store = Store.open(where) if where else None
    return None if store is None else Cache(store)
