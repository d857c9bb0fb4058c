"""commandOverrider and argsOverrider (pkg/util/overridemanager/commandargsoverride.go)."""

from typing import Any

from armada_render.build.failure import BuildError, type_name
from armada_render.build.podspec import containers_path, with_containers
from armada_render.model.override import CommandArgsOverrider, ListOperator
from armada_render.model.resource import Manifest


def apply(manifest: Manifest, overrider: CommandArgsOverrider, field: str) -> Manifest:
    """Return `manifest` with `field` (`command` or `args`) of the containers so named changed."""
    containers = _containers(manifest)
    if not containers:
        return manifest
    changed: list[Any] = []
    for index, container in enumerate(containers):
        if not isinstance(container, dict):
            raise BuildError(
                f"containers[{index}] is {type_name(container)}, not an object", is_crash=True
            )
        if container.get("name") == overrider.container_name:
            words = _words(container, field, index)
            # Written even when empty, so removing from an absent list leaves [].
            changed.append({**container, field: _changed(words, overrider)})
        else:
            changed.append(container)
    return with_containers(manifest, changed)


def _containers(manifest: Manifest) -> list[Any]:
    path = containers_path(manifest)
    node: Any = manifest
    for depth, key in enumerate(path):
        if node is None:
            return []
        if not isinstance(node, dict):
            raise BuildError(f"{'.'.join(path[:depth])} is {type_name(node)}, not an object")
        if key not in node:
            return []
        node = node[key]
    if not path:
        return []
    if not isinstance(node, list):
        raise BuildError(f"{'.'.join(path)} is {type_name(node)}, not a list")
    return node


def _words(container: Manifest, field: str, index: int) -> list[str]:
    words = container.get(field)
    if words is None:
        return []
    where = f"containers[{index}].{field}"
    if not isinstance(words, list):
        raise BuildError(f"{where} is {type_name(words)}, not a list", is_crash=True)
    for position, word in enumerate(words):
        # Upstream would print such a word in Go's debugging format.
        if not isinstance(word, str):
            raise BuildError(
                f"{where}[{position}] is {type_name(word)}, not a string", hint="put it in quotes"
            )
    return words


def _changed(words: list[str], overrider: CommandArgsOverrider) -> list[str]:
    if overrider.operator is ListOperator.ADD:
        return [*words, *overrider.value]
    return [word for word in words if word not in overrider.value]
