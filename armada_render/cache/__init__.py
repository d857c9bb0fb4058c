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
from typing import Self

from armada_render.cache.documents import DocumentReader
from armada_render.cache.fingerprint import fingerprint
from armada_render.cache.store import MAX_BYTES, Store, folder

__all__ = ["MAX_BYTES", "Cache", "DocumentReader", "Store", "fingerprint", "folder", "open_cache"]


class Cache:
    """The cache of one run; a context manager that keeps the books when it ends."""

    def __init__(self, store: Store, program: bytes) -> None:
        self.store = store
        self.documents = DocumentReader(store, program)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()


def open_cache(environment: Mapping[str, str]) -> Cache | None:
    """Return the cache of this user, None where no safe folder can be had."""
    where = folder(environment)
    store = Store.open(where) if where else None
    return None if store is None else Cache(store, fingerprint())
