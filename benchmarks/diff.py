"""Time comparing against rendering: nothing, one app, every app, one cluster less.

`python -m benchmarks.diff` prints seconds of this process, and the ratio to rendering one side.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from armada_render import diff
from armada_render.load import DirectorySource, load
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.yamlio import Document, load_documents
from benchmarks import fleet

_TRACED = RenderOptions(trace=True)
_CASES: Sequence[tuple[str, Callable[[bytes], bytes]]] = (
    ("nothing", lambda data: data),
    ("one app", lambda data: data.replace(b"acme/app-00000:", b"acme/other:")),
    ("every app", lambda data: data.replace(b"docker.io/acme", b"docker.io/umbrella")),
    ("one cluster less", lambda data: b"" if b"name: member-0001\n" in data else data),
)


class _Reader:
    """Reads files as `diff` does: what both sides hold is parsed once."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[Document]] = {}

    def edited(self, edit: Callable[[bytes], bytes]) -> Callable[[bytes], list[Document]]:
        def read(data: bytes) -> list[Document]:
            changed = edit(data)
            if changed not in self._known:
                self._known[changed] = load_documents(changed)
            return self._known[changed]

        return read


def _seconds(job: Callable[[], object], runs: int = 3) -> float:
    taken = []
    for _ in range(runs):
        start = time.process_time()
        job()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def _document(found: diff.Difference) -> diff.Document:
    base, head = diff.side_row("main", "0" * 40), diff.side_row("", "")
    return diff.document(found, base=base, head=head, key=b"key")


def _measure(root: Path) -> None:
    reader = _Reader()

    def rendered(edit: Callable[[bytes], bytes]) -> Rendering:
        return render(load(DirectorySource(str(root)), read=reader.edited(edit)).fleet, _TRACED)

    before = rendered(_CASES[0][1])
    copies = sum(map(len, before.works.values()))
    loaded = load(DirectorySource(str(root)), read=reader.edited(_CASES[0][1]))
    rendering = _seconds(lambda: render(loaded.fleet, _TRACED))
    print(f"{copies:,} objects on {len(before.works)} clusters, rendered in {rendering:.2f} s")
    for name, edit in _CASES:
        after = rendered(edit)
        found = diff.compare(before, after)
        comparing = _seconds(lambda after=after: diff.compare(before, after))  # type: ignore[misc]
        writing = _seconds(lambda found=found: diff.markdown_parts(_document(found)))  # type: ignore[misc]
        print(
            f"{name:17} {len(found.objects):6,} changes  compare {comparing:5.2f} s = "
            f"{comparing / rendering:4.2f} of rendering  write {writing:5.2f} s"
        )


def main() -> None:
    """Make a fleet, and print a line for each kind of change."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        fleet.write_fleet(root, 1000, 100)
        _measure(root)


if __name__ == "__main__":
    main()
