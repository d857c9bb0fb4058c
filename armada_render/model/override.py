"""OverridePolicy and ClusterOverridePolicy (`policy.karmada.io/v1alpha1`)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.selector import ClusterAffinity, ResourceSelector


class Operator(StrEnum):
    """What an overrider does to its target."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


class ListOperator(StrEnum):
    """What a command or args overrider does; there is no replace."""

    ADD = "add"
    REMOVE = "remove"


class ImageComponent(StrEnum):
    """A part of an image reference."""

    REGISTRY = "Registry"
    REPOSITORY = "Repository"
    TAG = "Tag"


class PlaintextOverrider(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """One JSON Patch operation; a null `value` is an absent one."""

    path: str
    operator: Operator
    value: Any = None


class ImagePredicate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which field holds the image."""

    path: str


class ImageOverrider(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A change to one part of image references."""

    predicate: ImagePredicate | None = None
    component: ImageComponent
    operator: Operator
    value: str = ""


class CommandArgsOverrider(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """A change to a container's command or args."""

    container_name: str
    operator: ListOperator
    value: tuple[str, ...] = ()


class LabelAnnotationOverrider(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """A change to the object's labels or annotations."""

    operator: Operator
    value: dict[str, str]


class FieldPatch(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """One JSON Patch operation inside a field's text; a null `value` is an absent one."""

    sub_path: str
    operator: Operator
    value: Any = None


class FieldOverrider(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Changes inside a string field that holds a JSON or YAML document."""

    field_path: str
    json: tuple[FieldPatch, ...] = ()
    yaml: tuple[FieldPatch, ...] = ()


class Overriders(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The changes of one rule, by kind, in the order in which upstream records them."""

    plaintext: tuple[PlaintextOverrider, ...] = ()
    image_overrider: tuple[ImageOverrider, ...] = ()
    command_overrider: tuple[CommandArgsOverrider, ...] = ()
    args_overrider: tuple[CommandArgsOverrider, ...] = ()
    labels_overrider: tuple[LabelAnnotationOverrider, ...] = ()
    annotations_overrider: tuple[LabelAnnotationOverrider, ...] = ()
    field_overrider: tuple[FieldOverrider, ...] = ()


class OverrideRule(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Overriders for the clusters that `target_cluster` matches; None means every cluster."""

    target_cluster: ClusterAffinity | None = None
    overriders: Overriders


class OverrideSpec(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """`spec` of both override policy kinds.

    `override_rules` None means absent: upstream's ClusterOverridePolicy validation tells an absent
    list from an empty one. The deprecated `target_cluster` and `overriders` form one rule when
    there are no `override_rules`.
    """

    resource_selectors: tuple[ResourceSelector, ...] = ()
    override_rules: tuple[OverrideRule, ...] | None = None
    target_cluster: ClusterAffinity | None = None
    overriders: Overriders = Overriders()


class OverridePolicy(Struct, frozen=True, kw_only=True):
    """An override policy of either kind; `namespace` "" means ClusterOverridePolicy."""

    name: str
    namespace: str
    spec: OverrideSpec
    location: SourceLocation | None = None

    @property
    def kind(self) -> str:
        """`OverridePolicy` or `ClusterOverridePolicy`."""
        return "OverridePolicy" if self.namespace else "ClusterOverridePolicy"

    def affinities(self) -> Iterator[ClusterAffinity]:
        """Yield everything in the rules that selects clusters."""
        for rule in self.rules:
            if rule.target_cluster is not None:
                yield rule.target_cluster

    @property
    def key(self) -> str:
        """`Kind/namespace/name`, as reports and the conformance cases name policies."""
        return f"{self.kind}/{self.namespace}/{self.name}"

    @property
    def rules(self) -> tuple[OverrideRule, ...]:
        """The rules in force, the deprecated form included."""
        if self.spec.override_rules:
            return self.spec.override_rules
        return (
            OverrideRule(target_cluster=self.spec.target_cluster, overriders=self.spec.overriders),
        )
