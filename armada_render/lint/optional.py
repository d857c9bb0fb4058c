"""Which ConfigMaps and Secrets pods can do without: all that refers to them is `optional: true`."""

from collections.abc import Iterator

from armada_render.lint.reach import Node, node, nodes, text

Name = tuple[str, str]
"""Kind and name."""


def dispensable(pods: Node) -> frozenset[Name]:
    """Return what the pods of a template refer to, and start without."""
    wanted: set[Name] = set()
    optional: set[Name] = set()
    for kind, name, is_optional in _references(node(pods, "spec")):
        (optional if is_optional else wanted).add((kind, name))
    return frozenset(optional - wanted)


def _references(spec: Node) -> Iterator[tuple[str, str, bool]]:
    for containers in ("initContainers", "containers", "ephemeralContainers"):
        for _, container in nodes(spec, containers):
            for _, source in nodes(container, "envFrom"):
                yield from _named(source, "configMapRef", "secretRef")
            for _, variable in nodes(container, "env"):
                yield from _named(node(variable, "valueFrom"), "configMapKeyRef", "secretKeyRef")
    for _, volume in nodes(spec, "volumes"):
        yield from _named(volume, "configMap", "secret", by="secretName")
        for _, source in nodes(volume, "projected", "sources"):
            yield from _named(source, "configMap", "secret")


def _named(
    holder: Node, config_map: str, secret: str, *, by: str = "name"
) -> Iterator[tuple[str, str, bool]]:
    for kind, field, key in (("ConfigMap", config_map, "name"), ("Secret", secret, by)):
        reference = node(holder, field)
        if reference:
            yield kind, text(reference, key), reference.get("optional") is True
