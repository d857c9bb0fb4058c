"""fieldOverrider: patch a JSON or YAML document that is the text of a string field.

(applyFieldOverriders in pkg/util/overridemanager/overridemanager.go)
"""

import re
from collections.abc import Sequence
from typing import Any

from armada_render import yamlio
from armada_render.build import jsonpatch, jsontext
from armada_render.build.failure import BuildError, type_name
from armada_render.model.override import FieldOverrider, FieldPatch
from armada_render.model.pattern import pattern
from armada_render.model.resource import Manifest
from armada_render.yamlio import gojson

_INDEX = pattern(r"[+-]?0*[0-9]{1,18}", re.ASCII)


def apply(manifest: Manifest, overrider: FieldOverrider) -> Manifest:
    """Return `manifest` with the field's text patched; `yaml` wins over `json` as upstream."""
    path = overrider.field_path
    keys = [jsonpatch.unescape(part) for part in path.split("/")[1:]]
    text = _look_up(manifest, path, keys)
    if overrider.yaml:
        with_text = _patched_yaml(text, overrider.yaml)
    elif overrider.json:
        with_text = _patched_json(text, overrider.json)
    else:
        # Only the deprecated spec.overriders can have neither; upstream empties the field.
        with_text = ""
    changed: Manifest = _replaced(manifest, keys, with_text)
    return changed


def _look_up(manifest: Manifest, path: str, keys: Sequence[str]) -> str:
    """Return the text at `path`, which is a JSON pointer with plain indices only."""
    node: Any = manifest
    for depth, key in enumerate(keys):
        where = "/" + "/".join(path.split("/")[1 : depth + 1]) if depth else "the object"
        if isinstance(node, list):
            node = _element(node, where, key)
        elif not isinstance(node, dict):
            raise BuildError(f"no field at {path}: {where} is {type_name(node)}")
        elif key not in node:
            raise BuildError(
                f'no field at {path}: {where} has no element "{key}"',
                hint="narrow resourceSelectors or targetCluster to the objects that have it",
            )
        else:
            node = node[key]
    if not isinstance(node, str):
        raise BuildError(
            f"the field at {path or 'the root'} is {type_name(node)}, not a string of JSON or YAML",
            hint="plaintext overriders change structured fields",
        )
    return node


def _element(items: list[jsonpatch.Node], where: str, key: str) -> jsonpatch.Node:
    if not _INDEX.fullmatch(key):
        raise BuildError(f'{where} is a list, and "{key}" is no index of it')
    index = int(key)
    if not 0 <= index < len(items):
        raise BuildError(f"{where} has {len(items)} elements, {index} is outside")
    return items[index]


def _replaced(manifest: Manifest, keys: Sequence[str], text: str) -> jsonpatch.Node:
    """Return `manifest` with `text` at `keys`, which exist."""
    trail: list[tuple[Any, Any]] = []
    node: Any = manifest
    for key in keys:
        place = int(key) if isinstance(node, list) else key
        trail.append((node, place))
        node = node[place]
    node = text
    for container, place in reversed(trail):
        outer = container.copy()
        outer[place] = node
        node = outer
    return node


def _operations(patches: Sequence[FieldPatch]) -> list[jsonpatch.Operation]:
    return [jsonpatch.Operation(one.operator, one.sub_path, one.value) for one in patches]


def _patched_json(text: str, patches: Sequence[FieldPatch]) -> str:
    # Upstream leaves an empty text alone, whatever is asked of it.
    if not text:
        return text
    try:
        return jsontext.patched(text, _operations(patches))
    except BuildError as error:
        raise error.within("json") from None


def _patched_yaml(text: str, patches: Sequence[FieldPatch]) -> str:
    try:
        patched = jsonpatch.apply(_document(text), _operations(patches))
        # Upstream turns JSON into YAML by reading it as YAML (sigs.k8s.io/yaml, JSONToYAML), which
        # refuses or changes some characters.
        return yamlio.dumps(yamlio.loads(gojson.dumps(patched)))
    except yamlio.YamlError as error:
        raise BuildError(f"the field's text is no valid YAML: {error}", at="yaml") from None
    except BuildError as error:
        raise error.within("yaml") from None


def _document(text: str) -> jsonpatch.Node:
    # Karmada reads it leniently: of a key that is set twice the last one wins.
    document = yamlio.loads(text, strict=False)
    if document is None or isinstance(document, (dict, list)):
        return document
    raise BuildError(f"the field's YAML is {type_name(document)}, neither an object nor a list")
