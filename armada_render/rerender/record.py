"""What is kept of a rendering, and what of a fleet decides whether an edit stays local. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from armada_render.load import Loaded
from armada_render.model.digest import sha256
from armada_render.model.fleet import Fleet
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ResourceTemplate
from armada_render.model.work import Work

_REACH_FURTHER = frozenset(("CustomResourceDefinition", "Namespace"))
"""Kinds that change how objects in other files are read or where they go."""


class File(Struct, frozen=True, array_like=True):
    """An input file: its digest, and who its objects are.

    `identity` covers the names, labels and annotations of its objects and the names of its
    policies. `is_wide`: what it holds reaches the whole fleet, or is unknown. `apps` and
    `namespaces` are those of its templates, `policies` the namespaces of its policies.
    """

    digest: str
    identity: bytes
    is_wide: bool
    apps: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class Record(Struct, frozen=True, array_like=True):
    """What is kept of a rendering.

    `shapes` holds for each app a digest of which objects go to which clusters. `takes_along`: some
    policy has `propagateDeps`, so that an object's clusters depend on others of its namespace.
    `tree` is what `output.evidence` made of the written files.
    """

    files: dict[str, File]
    shapes: dict[str, bytes]
    takes_along: bool
    tree: bytes


class _Facts(Struct):
    """What a file holds, while it is being found out."""

    names: list[object]
    is_wide: bool = False
    apps: set[str] = msgspec.field(default_factory=set)
    namespaces: set[str] = msgspec.field(default_factory=set)
    policies: set[str] = msgspec.field(default_factory=set)


def files(loaded: Loaded, fleet: Fleet) -> dict[str, File]:
    """Return what each input file holds; what has no object of `fleet` counts as wide."""
    facts: dict[str, _Facts] = {}
    app_of = {template.ref: template.app for template in fleet.templates}

    def at(located: object) -> _Facts:
        location = getattr(located, "location", None)
        path = location.path if location else ""
        return facts.setdefault(path, _Facts(names=[]))

    for template in fleet.templates:
        here = at(template)
        here.names.append(_name(template))
        here.apps.add(template.app)
        here.namespaces.add(template.ref.namespace)
        here.is_wide |= template.ref.kind in _REACH_FURTHER
    policies: tuple[PropagationPolicy | OverridePolicy, ...] = (
        *fleet.propagation_policies,
        *fleet.override_policies,
    )
    for policy in policies:
        here = at(policy)
        here.names.append(policy.key)
        here.policies.add(policy.namespace)
        here.is_wide |= not policy.namespace
    for wide in (*fleet.clusters, *fleet.customizations):
        at(wide).is_wide = True
    for ref, previous in fleet.previous_bindings.items():
        here = at(previous)
        here.names.append(["lock", str(ref)])
        here.is_wide |= ref not in app_of
        here.apps.add(app_of.get(ref, ""))
    return {path: _file(digest, facts.get(path)) for path, digest in sorted(loaded.digests.items())}


def _file(digest: str, facts: _Facts | None) -> File:
    if facts is None:
        return File(digest, b"", is_wide=True)
    return File(
        digest,
        sha256(msgspec.json.encode(facts.names)),
        facts.is_wide,
        tuple(sorted(facts.apps)),
        tuple(sorted(facts.namespaces)),
        tuple(sorted(facts.policies)),
    )


def _name(template: ResourceTemplate) -> list[object]:
    metadata = template.manifest["metadata"]
    return [template.ref, template.app, metadata.get("labels"), metadata.get("annotations")]


def shapes(works: Mapping[str, Sequence[Work]]) -> dict[str, bytes]:
    """Return for each app a digest of which objects each cluster gets of it."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for cluster, group in works.items():
        alike.setdefault(tuple(map(id, group)), []).append(cluster)
    by_app: dict[str, dict[str, list[str]]] = {}
    for clusters in alike.values():
        for app, names in _names_by_app(works[clusters[0]]).items():
            by_app.setdefault(app, {}).setdefault("\n".join(names), []).extend(clusters)
    return {app: _digest(groups) for app, groups in by_app.items()}


def _names_by_app(works: Iterable[Work]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for work in works:
        names.setdefault(work.app, []).append(f"{work.ref} {work.template}")
    return names


def _digest(groups: Mapping[str, Iterable[str]]) -> bytes:
    ordered = sorted([names, *sorted(clusters)] for names, clusters in groups.items())
    return sha256(msgspec.json.encode(ordered))
