"""What Argo CD does with ApplicationSets, as far as ours need it, and the schemas of its CRDs."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types

from armada_render.emit.applicationset import Generated, generate
from armada_render.model.argocd import ArgoCD
from armada_render.model.cluster import Cluster, ClusterSpec
from armada_render.model.config import Layout
from armada_render.model.resource import Manifest, ObjectReference
from armada_render.model.work import Work
from armada_render.yamlio import loads

SETTINGS = ArgoCD(repo_url="https://git.example.com/fleet.git", revision="main")
_SCHEMAS = Path(__file__).parent.parent / "crds" / "argocd.json.gz"
_ACTION = re.compile(
    r"\{\{(?P<json>\s*toJson\s+)?\s*\.(?P<key>\w+)\s*\}\}|\{\{\"(?P<text>[^\"]*)\"\}\}"
)


@cache
def _validator(kind: str) -> Any:
    schema = json.loads(gzip.decompress(_SCHEMAS.read_bytes()))[kind]
    return jsonschema.Draft202012Validator(_strict(schema))


def _strict(schema: Any) -> Any:
    """Refuse unknown fields, which an API server would drop without a word."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        strict.setdefault("additionalProperties", False)
    return strict


def validate(document: Manifest) -> None:
    """Raise unless an API server with Argo CD's CRDs takes the document as it is."""
    _validator(document["kind"]).validate(document)


def produced(application_set: Manifest) -> list[Manifest]:
    """Return the Applications that the controller makes of a set: one a row, in their order."""
    spec = application_set["spec"]
    assert spec["goTemplate"] is True
    assert spec["goTemplateOptions"] == ["missingkey=error"]
    (generator,) = spec["generators"]
    applications = []
    for row in generator["list"]["elements"]:
        made = _filled(spec["template"], row)
        if "templatePatch" in spec:
            patch = loads(_filled(spec["templatePatch"], row))
            _merge(made, patch)
        applications.append({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **made})
    return applications


def _merge(target: Manifest, patch: Manifest) -> None:
    """Do what a strategic merge patch does where it patches no lists that are there."""
    for key, value in patch.items():
        if isinstance(value, dict) and key in target:
            _merge(target[key], value)
        else:
            assert not isinstance(target.get(key), list)
            target[key] = value


def _filled(value: Any, row: Manifest) -> Any:
    """Evaluate Go templates of the few forms that we write; a missing key is an error."""
    if isinstance(value, dict):
        return {_filled(key, row): _filled(item, row) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, row) for item in value]
    return _text(value, row) if isinstance(value, str) else value


def _text(template: str, row: Manifest) -> str:
    def evaluated(match: re.Match[str]) -> str:
        if match["key"] is None:
            return match["text"]
        value = row[match["key"]]
        if match["json"]:
            return json.dumps(value, ensure_ascii=False)
        assert isinstance(value, str)
        return value

    assert "{{" not in _ACTION.sub("", template)
    return _ACTION.sub(evaluated, template)


def texts(value: Any) -> list[str]:
    """Return all texts in a document, keys among them."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def work(app: str, manifest: Manifest, replicas: int | None = None) -> Work:
    """Return a Work of an app."""
    metadata = manifest["metadata"]
    ref = ObjectReference(
        manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"]
    )
    return Work(ref=ref, manifest=manifest, template=ref, app=app, replicas=replicas)


def thing(kind: str, name: str = "web", namespace: str = "shop", **more: Any) -> Manifest:
    """Return an object of a well-known kind."""
    versions = {
        "Deployment": "apps/v1",
        "StatefulSet": "apps/v1",
        "HorizontalPodAutoscaler": "autoscaling/v2",
        "ScaledObject": "keda.sh/v1alpha1",
        "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    }
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": versions.get(kind, "v1"),
        "kind": kind,
        "metadata": {**metadata, **more.pop("metadata", {})},
        **more,
    }


def member(name: str, region: str = "", **annotations: str) -> Cluster:
    """Return a cluster; `argocd_destination_name` is an annotation with our prefix."""
    full = {f"armada-render/{key.replace('_', '-')}": text for key, text in annotations.items()}
    return Cluster(name=name, annotations=full, spec=ClusterSpec(region=region))


def generated(
    works: dict[str, list[Work]],
    *clusters: Cluster,
    settings: ArgoCD = SETTINGS,
    layout: Layout = Layout.BUNDLE,
    templates: tuple[Any, ...] = (),
    retired: tuple[tuple[str, str], ...] = (),
) -> Generated:
    """Return what is generated, checked against the CRDs, for clusters named or as they come."""
    members = clusters or tuple(member(name) for name in sorted(works))
    result = generate(
        works,
        members,
        templates,
        settings,
        layout=layout,
        plugin="armada-render-1.2.3",
        retired=retired,
    )
    for document in (result.project, *result.sets):
        validate(document)
    for application_set in result.sets:
        for application in produced(application_set):
            validate(application)
    return result
