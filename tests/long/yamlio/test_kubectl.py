"""Thousands of random documents mean to us what they mean to kubectl, and come back from it.

`kubectl annotate --local` reads files without any server and prints what it has read; a thousand of
them at once, and those that it refuses one by one. It is lenient about repeated keys.
"""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from armada_render import yamlio
from tests.support.fuzzed_yaml import Writer, value

pytestmark = pytest.mark.long

KUBECTL = str(Path(sys.executable).parent / "kubectl")
BATCH = 2_000
BATCHES = 11
_HEAD = "apiVersion: fuzz.example/v1\nkind: Fuzz\nmetadata: {{name: f{number}}}\nvalue:"
_REFUSED = object()


def _as_kubectl_reads(texts: Sequence[str], folder: Path) -> list[Any]:
    """Return the value of each text, `_REFUSED` where kubectl reads none."""
    folder.mkdir()
    for number, text in enumerate(texts):
        head = _HEAD.format(number=number)
        (folder / f"{number}.yaml").write_bytes((head + text).encode())
    done = subprocess.run(
        [KUBECTL, "annotate", "--local", "-f", str(folder), "a=b", "-o", "json"],
        capture_output=True,
        check=False,
        timeout=300,
    )
    found: dict[str, Any] = {}
    decoder, printed, at = json.JSONDecoder(), done.stdout.decode(), 0
    while at < len(printed.rstrip()):
        item, at = decoder.raw_decode(printed, at)
        at += 1  # the line break
        found[item["metadata"]["name"]] = item.get("value")
    assert found, done.stderr.decode()[:1000]
    return [found.get(f"f{number}", _REFUSED) for number in range(len(texts))]


def _as_we_read(text: str) -> Any:
    try:
        read = yamlio.loads(_HEAD.format(number=0) + text, strict=False)
    except yamlio.YamlError:
        return _REFUSED
    return read.get("value") if isinstance(read, dict) else _REFUSED


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    return bool(_as_object(ours) == _as_object(theirs))


def _as_object(read: Any) -> Any:
    """Return a number as kubectl's objects hold it: without room in an int64, it is a float."""
    return float(read) if isinstance(read, int) and not -(2**63) <= read < 2**63 else read


def _compare(texts: Sequence[str], theirs: Sequence[Any], ours: Sequence[Any]) -> list[str]:
    return [
        f"{text!r}\n  kubectl {show(their)}\n  we      {show(our)}"
        for text, their, our in zip(texts, theirs, ours, strict=True)
        if not _same(our, their)
    ]


def show(read: Any) -> str:
    return "refuses it" if read is _REFUSED else repr(read)


def test_more_than_twenty_thousand_texts_are_read_as_kubectl_reads_them(tmp_path: Path) -> None:
    """No text means something else to us, and none that kubectl refuses means anything.

    We may refuse one in a thousand that kubectl reads: libyaml is stricter about brackets in tags
    and colons behind anchors, and an error is seen.
    """
    refused = stricter = 0
    for batch in range(BATCHES):
        texts = [Writer(batch * BATCH + number).document() for number in range(BATCH)]
        theirs = _as_kubectl_reads(texts, tmp_path / str(batch))
        ours = [_as_we_read(text) for text in texts]
        pairs = list(zip(theirs, ours, strict=True))
        stricter += sum(our is _REFUSED and their is not _REFUSED for their, our in pairs)
        read = [number for number, our in enumerate(ours) if our is not _REFUSED]
        differences = _compare(
            [texts[at] for at in read], [theirs[at] for at in read], [ours[at] for at in read]
        )
        assert not differences, f"{len(differences)} of {BATCH}:\n" + "\n".join(differences[:20])
        refused += sum(their is _REFUSED for their in theirs)
    assert stricter <= BATCH * BATCHES / 1000
    # Both sides of the line between text and no text are met often.
    assert BATCH * BATCHES >= 20_000
    assert 0.05 < refused / (BATCH * BATCHES) < 0.8


def test_what_we_write_comes_back_from_kubectl(tmp_path: Path) -> None:
    chance = random.Random(7)
    for batch in range(3):
        values = [value(chance) for _ in range(BATCH)]
        texts = [_written(item) for item in values]
        theirs = _as_kubectl_reads(texts, tmp_path / str(batch))
        differences = _compare(texts, theirs, values)
        assert not differences, f"{len(differences)} of {BATCH}:\n" + "\n".join(differences[:20])


def _written(item: object) -> str:
    """Return what stands behind `value:` when an object with it is written.

    Something follows it: kubectl cuts streams into documents before it reads them, and ends each
    with a line break of its own, behind one that is none to it (U+2028) and counts in a `|+`.
    """
    return yamlio.dumps({"value": item, "z": 0}).removeprefix("value:")
