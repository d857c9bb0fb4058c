"""Hold renderings against what a real Karmada computed for the same objects. Pure.

A case is `{"id", "objects", "expected"}` as docs/conformance.md describes; message texts are not
compared, and an `ambiguous` case (map order upstream) only has to agree on rejected policies.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.interpret import Interpreter
from armada_render.load import from_objects
from armada_render.pipeline import render

_BINDING_FIELDS = (
    "policy",
    "replicas",
    "requiredBy",
    "schedulerObservingAffinityName",
    "suspendedClusters",
    "reason",
)

JSON = Mapping[str, Any]


class Tally(Struct):
    """How many cases of a category agree, and the differences of the first that do not."""

    passed: int = 0
    total: int = 0
    differences: list[str] = []

    def add(self, case_id: str, found: Sequence[str]) -> None:
        """Count one case."""
        self.total += 1
        if not found:
            self.passed += 1
        else:
            self.differences.append(f"{case_id}: {found[0]}")


def check(case: JSON) -> list[str]:
    """Return where our result for a case differs from the expected one, nothing when it agrees."""
    if "health" in case["expected"]:
        return _compare_health(case)
    return compare(case["expected"], render(case["objects"]).to_dict())


def compare(expected: JSON, actual: JSON) -> list[str]:
    """Return where `actual` differs from `expected`, both in the form of `Rendering.to_dict()`."""
    out = _differs(
        "rejected policies", sorted(expected.get("rejected", ())), sorted(actual["rejected"])
    )
    if expected.get("ambiguous"):
        return out
    out += _differs(
        "unpropagated", sorted(expected.get("unpropagated", ())), sorted(actual["unpropagated"])
    )
    out += _differs("errors", _error_keys(expected), _error_keys(actual))
    out += _compare_bindings(expected.get("bindings", {}), actual["bindings"])
    works = expected.get("works", {})
    for cluster in sorted(works.keys() | actual["works"].keys()):
        out += _compare_works(cluster, works.get(cluster, ()), actual["works"].get(cluster, ()))
    return out


def _differs(what: str, expected: object, actual: object) -> list[str]:
    return [] if expected == actual else [f"{what}: want {expected!r}, got {actual!r}"]


def _error_keys(result: JSON) -> list[tuple[str, str]]:
    return sorted({(error["stage"], error["resource"]) for error in result.get("errors", ())})


def _compare_bindings(expected: JSON, actual: JSON) -> list[str]:
    out = _differs("bindings", sorted(expected), sorted(actual))
    for name in sorted(expected.keys() & actual.keys()):
        want, got = expected[name], actual[name]
        for field in _BINDING_FIELDS:
            out += _differs(f"{name}: {field}", want.get(field) or None, got.get(field) or None)
        out += _differs(f"{name}: clusters", _targets(want), _targets(got))
    return out


def _targets(binding: JSON) -> list[tuple[str, int]]:
    return sorted((item["name"], item.get("replicas") or 0) for item in binding["clusters"])


def _compare_works(cluster: str, expected: Sequence[JSON], actual: Sequence[JSON]) -> list[str]:
    want = {_key(manifest): manifest for manifest in expected}
    got = {_key(manifest): manifest for manifest in actual}
    out = _differs(f"works on {cluster}", sorted(want), sorted(got))
    out += [
        f"works on {cluster}: {name} differs: want {want[name]!r}, got {got[name]!r}"
        for name in sorted(want.keys() & got.keys())
        if not same(want[name], got[name])
    ]
    return out


def same(one: object, other: object) -> bool:
    """Tell whether two JSON values are equal, keeping 1, 1.0 and true apart."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def _key(manifest: JSON) -> str:
    metadata = manifest["metadata"]
    namespace = metadata.get("namespace", "")
    return f"{manifest['apiVersion']}/{manifest['kind']}/{namespace}/{metadata['name']}"


def _compare_health(case: JSON) -> list[str]:
    fleet = from_objects(case["objects"])
    interpreter = Interpreter(fleet.customizations)
    manifests = {str(template.ref): template.manifest for template in fleet.templates}
    out: list[str] = []
    for name, want in case["expected"]["health"].items():
        manifest = manifests.get(name)
        got = None if manifest is None else interpreter.health(manifest)
        out += _differs(f"{name}: health", want, got)
    return out
