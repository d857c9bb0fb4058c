"""Hold us against sigs.k8s.io/yaml v1.6.0, line by line of what it read and wrote."""

import gzip
import json
from pathlib import Path
from typing import Any

from armada_render import yamlio

FOLDER = Path(__file__).parent / "yaml"


def test_reads_every_text_as_kubectl_does() -> None:
    cases = load("read")
    differences = [difference for case in cases if (difference := compare_read(case))]
    assert not differences, f"{len(differences)} of {len(cases)}:\n" + "\n".join(differences[:20])
    assert len(cases) > 3_000


def test_writes_every_value_as_kubectl_does() -> None:
    cases = load("write")
    differences = [
        f"{case['value']!r}\n  want {case['text']!r}\n  got  {text!r}"
        for case in cases
        if (text := yamlio.dumps(case["value"])) != case["text"]
    ]
    assert not differences, f"{len(differences)} of {len(cases)}:\n" + "\n".join(differences[:20])
    assert len(cases) > 5_000


def load(name: str) -> list[dict[str, Any]]:
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def compare_read(case: dict[str, Any]) -> str:
    try:
        value = yamlio.loads(case["text"])
    except yamlio.YamlError as error:
        expected = "error" in case or "strictError" in case
        return "" if expected else f"{case['text']!r}: {error}"
    if "error" in case or "strictError" in case:
        return f"{case['text']!r}: read as {value!r}, but it must be refused"
    if not same(value, case["value"]):
        return f"{case['text']!r}: want {case['value']!r}, got {value!r}"
    return ""


def same(left: Any, right: Any) -> bool:
    """Compare as JSON does, but keep 1, 1.0 and true apart."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)
