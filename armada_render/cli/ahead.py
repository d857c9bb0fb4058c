"""Read all files of a source at once, and have other processes parse a share of them."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Self

import msgspec

from armada_render.cli.jobs import cuts
from armada_render.errors import Problem
from armada_render.load import Reader, Source
from armada_render.load.source import SourceFile
from armada_render.output.forked import children
from armada_render.yamlio import Document, YamlError

SMALL = 500_000
"""Bytes that one process parses alone: starting another costs more."""
_Parsed = list[bytes | None]


class Ahead:
    """A source whose files are parsed by `jobs` processes, and what reads their documents.

    `load` gets both. A context manager, at whose end those processes end too. `at_end` is called in
    each of them when its work is done. What is wrong with a file is found once more by whoever asks
    for its documents, as if no other process had been there.
    """

    def __init__(
        self,
        source: Source,
        read: Reader,
        jobs: int,
        at_end: Callable[[], object] = lambda: None,
    ) -> None:
        self._source = source
        self._parse = read
        self._jobs = jobs
        self._at_end = at_end
        self._running = contextlib.ExitStack()
        self._answers: list[Callable[[], bytes]] = []
        self._places: dict[int, tuple[int, int]] = {}
        self._parsed: dict[int, _Parsed] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def config(self) -> SourceFile | None:
        return self._source.config()

    def read(self, path: str) -> bytes:
        return self._source.read(path)

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        found = list(self._source.files(ignore, problems))
        sizes = [len(file.data) for file in found]
        if sum(sizes) > SMALL:
            self._start([found[start:end] for start, end in cuts(sizes, self._jobs)[1:]])
        yield from found

    def _start(self, shares: Sequence[Sequence[SourceFile]]) -> None:
        for number, share in enumerate(shares):
            # Files are known by their very bytes, which `found` keeps from being replaced.
            self._places.update((id(file.data), (number, at)) for at, file in enumerate(share))
        works = [partial(self._work, share) for share in shares]
        self._answers = self._running.enter_context(children(works))

    def _work(self, files: Sequence[SourceFile]) -> bytes:
        parsed = [self._encoded(file.data) for file in files]
        self._at_end()
        return msgspec.msgpack.encode(parsed)

    def _encoded(self, data: bytes) -> bytes | None:
        # MessagePack has no number above 64 bits.
        with contextlib.suppress(YamlError, OverflowError):
            documents = self._parse(data)
            return msgspec.msgpack.encode([(one.value, one.line, one.index) for one in documents])
        return None

    def documents(self, data: bytes) -> list[Document]:
        """Return the documents of a file. Raises `YamlError`."""
        number, at = self._places.get(id(data), (-1, 0))
        if number < 0:
            return self._parse(data)
        if number not in self._parsed:
            answer = self._answers[number]()
            self._parsed[number] = msgspec.msgpack.decode(answer, type=_Parsed)
        content = self._parsed[number][at]
        if content is None:
            return self._parse(data)
        return [Document(*parts) for parts in msgspec.msgpack.decode(content)]
