"""Decode ClusterTaintPolicies, with what Karmada's webhook refuses (webhook/clustertaintpolicy)."""

from collections.abc import Iterator

from armada_render.errors import Problem, SourceLocation
from armada_render.model.decode import decode, format_path
from armada_render.model.resource import Manifest
from armada_render.model.taintpolicy import ClusterTaintPolicy, ClusterTaintSpec


def taint_policy(
    name: str, manifest: Manifest, location: SourceLocation | None, problems: list[Problem]
) -> ClusterTaintPolicy | None:
    """Return the policy, None when it cannot be used; `problems` say what is wrong with it."""
    key = f"ClusterTaintPolicy//{name}"
    decoded = decode(manifest.get("spec") or {}, ClusterTaintSpec, at="spec")
    problems.extend(
        Problem(
            message=problem.message,
            location=location,
            field=format_path(problem.path),
            resource=key,
            hint=problem.hint,
        )
        for problem in decoded.problems
    )
    if decoded.value is None:
        return None
    problems.extend(_repeated(decoded.value, key, location))
    created = manifest["metadata"].get("creationTimestamp")
    return ClusterTaintPolicy(
        name=name,
        spec=decoded.value,
        created=created if isinstance(created, str) else "",
        location=location,
    )


def _repeated(
    spec: ClusterTaintSpec, key: str, location: SourceLocation | None
) -> Iterator[Problem]:
    taints = [(taint.key, taint.effect) for taint in spec.taints]
    for index, taint in enumerate(taints):
        if taint in taints[:index]:
            yield Problem(
                message=f"a second taint {taint[0]}:{taint[1]}",
                location=location,
                field=f"spec.taints[{index}]",
                resource=key,
                hint="key and effect make a taint one: remove one of the two",
            )
