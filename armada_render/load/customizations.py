"""Decode ResourceInterpreterCustomizations (`config.karmada.io/v1alpha1`)."""

from collections.abc import Iterable

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.fleet import Customization


class _Target(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    api_version: str
    kind: str


class _Rule(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    lua_script: str = ""


class _Customizations(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    retention: _Rule | None = None
    replica_resource: _Rule | None = None
    component_resource: _Rule | None = None
    replica_revision: _Rule | None = None
    status_reflection: _Rule | None = None
    status_aggregation: _Rule | None = None
    health_interpretation: _Rule | None = None
    dependency_interpretation: _Rule | None = None

    def rules(self) -> Iterable[tuple[str, _Rule]]:
        """Yield the operations that are there, by their YAML key."""
        for name, key in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True):
            rule = getattr(self, name)
            if rule is not None:
                yield key, rule


class CustomizationSpec(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`spec`: for which kind, and a script for each operation."""

    target: _Target
    customizations: _Customizations


def customization(
    name: str, spec: CustomizationSpec, location: SourceLocation | None
) -> Customization:
    """Return the scripts of a customization by operation, without the empty ones."""
    return Customization(
        name=name,
        api_version=spec.target.api_version,
        kind=spec.target.kind,
        scripts={
            operation: rule.lua_script
            for operation, rule in spec.customizations.rules()
            if rule.lua_script
        },
        location=location,
    )
