"""How Argo CD takes output apart: Kubernetes' YAML-or-JSON stream, and lists that unfold."""

import json
from typing import Any

from armada_render.yamlio import gojson, loads


def split(data: bytes) -> list[str]:
    """Return each document of a stream as JSON; a first `{` makes the whole stream JSON.

    Documents of a JSON stream pass as they are written. Those of YAML are written anew as Go does,
    which leaves DEL and other characters bare that the next YAML reader refuses.
    (k8s.io/apimachinery, pkg/util/yaml/decoder.go; gitops-engine, SplitYAMLToString)
    """
    text = data.decode()
    if text.lstrip()[:1] == "{":
        return _json_texts(text)
    values = map(loads, _documents(text))
    return [gojson.dumps(value) for value in values if value is not None]


def unfolded(manifests: list[str]) -> list[dict[str, Any]]:
    """Return the objects of an answer: split again, read as YAML, lists taken apart one level."""
    objects: list[dict[str, Any]] = []
    for manifest in manifests:
        for value in map(loads, split(manifest.encode())):
            if not isinstance(value, dict):
                raise TypeError("failed to unmarshal manifest: not an object")
            items = value.get("items")
            if isinstance(items, list):
                objects += items
            elif not ("items" in value and items is None and not value.keys() & {"spec", "status"}):
                objects.append(value)
    return objects


def last_wins(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the objects as the controller keeps them: of those with one key, the last."""
    kept = {}
    for item in objects:
        group = item["apiVersion"].rpartition("/")[0]
        metadata = item["metadata"]
        kept[group, item["kind"], metadata.get("namespace", ""), metadata["name"]] = item
    return list(kept.values())


def _json_texts(text: str) -> list[str]:
    decoder = json.JSONDecoder()
    texts = []
    while (text := text.lstrip()) != "":
        _, end = decoder.raw_decode(text)
        texts.append(text[:end])
        text = text[end:]
    return texts


def _documents(text: str) -> list[str]:
    """Split at lines of `---`, after which only blanks or a comment may stand."""
    pieces = [""]
    for line in text.splitlines(keepends=True):
        if line.startswith("---") and line[3:].strip()[:1] in ("", "#"):
            pieces.append("")
        else:
            pieces[-1] += line
    return [piece for piece in pieces if piece.strip()]
