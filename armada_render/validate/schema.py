"""Schemas by kind: Kubernetes' own by version, those of CustomResourceDefinitions. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from armada_render.model.resource import ResourceTemplate
from armada_render.validate.crd import structural

Schema = dict[str, Any]
GroupVersionKind = tuple[str, str]
"""`apiVersion` and kind."""

DEFINITIONS = "urn:kubernetes"
"""The address under which schemas find the definitions that they refer to."""

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

# Both are written with oneOf, so that null, which either form allows, would fit neither.
_MENDED: Mapping[str, Schema] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number", "null"]},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer", "null"]},
}


class Definitions:
    """The definitions of one version of Kubernetes."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.document: Schema = {"$defs": {**definitions, **_MENDED}}
        self._names: dict[GroupVersionKind, str] = {}
        self._groups: set[str] = set()
        for name, schema in definitions.items():
            for item in schema.get("x-kubernetes-group-version-kind", ()):
                group, version, kind = item["group"], item["version"], item["kind"]
                self._names[f"{group}/{version}" if group else version, kind] = name
                self._groups.add(group)

    def schema(self, api_version: str, kind: str) -> Schema | None:
        """Return the schema of a kind, None when this version of Kubernetes does not have it."""
        name = self._names.get((api_version, kind))
        return None if name is None else {"$ref": f"{DEFINITIONS}#/$defs/{name}"}

    def owns(self, api_version: str) -> bool:
        """Tell whether the API group is one of Kubernetes' own, in whatever version."""
        group, slash, _ = api_version.rpartition("/")
        return (group if slash else "") in self._groups

    def custom(self, schema: Schema) -> Schema:
        """Return the schema of a custom kind, with the metadata that every object has."""
        metadata = {"$ref": f"{DEFINITIONS}#/$defs/{_META}"}
        return structural(schema, metadata if _META in self.document["$defs"] else {})


def is_definition(template: ResourceTemplate) -> bool:
    """Tell whether a template is a CustomResourceDefinition."""
    ref = template.ref
    return (ref.api_version, ref.kind) == ("apiextensions.k8s.io/v1", "CustomResourceDefinition")


def custom_schemas(
    definitions: Mapping[str, Any], report: Callable[[str], None]
) -> dict[GroupVersionKind, Schema]:
    """Return the schemas of a CustomResourceDefinition by version, as they stand there.

    `report` hears why a version has none.
    """
    spec = definitions.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    names = spec.get("names")
    kind = names.get("kind") if isinstance(names, dict) else None
    found: dict[GroupVersionKind, Schema] = {}
    versions = spec.get("versions")
    for version in versions if isinstance(versions, list) else ():
        if not isinstance(version, dict) or not isinstance(kind, str):
            continue
        holder = version.get("schema")
        schema = holder.get("openAPIV3Schema") if isinstance(holder, dict) else None
        if isinstance(schema, dict):
            found[f"{spec.get('group')}/{version.get('name')}", kind] = schema
        else:
            report(f"version {version.get('name')} has no schema")
    return found
