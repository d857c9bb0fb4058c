"""Label, field and resource selectors, cluster affinities, and what they match.

Rules: pkg/util/selector.go and pkg/util/lifted/nodeaffinity.go of Karmada, labels/selector.go of
k8s.io/apimachinery. A selector that Kubernetes would refuse to build never matches.
"""

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from armada_render.model.pattern import DIGITS, LETTERS, pattern, word
from armada_render.model.resource import ObjectReference

_is_name = word(LETTERS + DIGITS, "-_.")
_PREFIX = pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)

Requirement = tuple[str, str, frozenset[str]]


@lru_cache(maxsize=4096)
def qualified_name_error(key: str) -> str:
    """Say what is wrong with a label or annotation key; "" when nothing is."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return "must have at most one '/'"
    if slash:
        error = _prefix_error(prefix)
        if error:
            return error
    if not name:
        return "the name part must not be empty"
    if len(name.encode()) > 63:
        return "the name part must be no more than 63 bytes"
    if not _is_name(name):
        return (
            "the name part must consist of letters, digits, '-', '_' or '.', "
            "and start and end with a letter or digit"
        )
    return ""


def _prefix_error(prefix: str) -> str:
    if not prefix:
        return "the prefix before '/' must not be empty"
    if len(prefix) > 253:
        return "the prefix before '/' must be no more than 253 bytes"
    if not _PREFIX.fullmatch(prefix):
        return "the prefix before '/' must be a lower-case DNS subdomain such as example.com"
    return ""


@lru_cache(maxsize=4096)
def label_value_error(value: str) -> str:
    """Say what is wrong with a label value; "" when nothing is."""
    if len(value.encode()) > 63:
        return "must be no more than 63 bytes"
    if value and not _is_name(value):
        return (
            "must be empty or consist of letters, digits, '-', '_' or '.', "
            "and start and end with a letter or digit"
        )
    return ""


class SelectorRequirement(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One `matchExpressions` entry, of a label or a field selector."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A Kubernetes label selector; an empty one matches everything."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[SelectorRequirement, ...] = ()

    def requirements(self) -> tuple[Requirement, ...] | None:
        """Return the requirements to meet together by key, None when Kubernetes refuses them."""
        built: list[Requirement] = []
        for key, value in self.match_labels.items():
            if qualified_name_error(key) or label_value_error(value):
                return None
            built.append((key, "In", frozenset((value,))))
        for expression in self.match_expressions:
            if not _is_buildable(expression):
                return None
            built.append((expression.key, expression.operator, frozenset(expression.values)))
        return tuple(sorted(built, key=lambda requirement: requirement[0]))

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether `labels` meet the selector."""
        requirements = self.requirements()
        return requirements is not None and meets(requirements, labels)


def _is_buildable(expression: SelectorRequirement) -> bool:
    if qualified_name_error(expression.key):
        return False
    if expression.operator in ("In", "NotIn"):
        return bool(expression.values) and not any(map(label_value_error, expression.values))
    return expression.operator in ("Exists", "DoesNotExist") and not expression.values


def meets(requirements: Iterable[Requirement], labels: Mapping[str, str]) -> bool:
    """Tell whether `labels` meet all; NotIn and DoesNotExist hold for an absent key."""
    for key, operator, values in requirements:
        value = labels.get(key)
        if operator == "In":
            met = value is not None and value in values
        elif operator == "NotIn":
            met = value is None or value not in values
        elif operator == "Exists":
            met = value is not None
        else:
            met = value is None
        if not met:
            return False
    return True


def why_unmet(requirement: Requirement, labels: Mapping[str, str]) -> str:
    """Say why `labels` do not meet a requirement."""
    key, operator, values = requirement
    if key not in labels:
        wanted = f"={next(iter(values))}" if len(values) == 1 else ""
        return f"label {key}{wanted} is missing"
    if operator == "DoesNotExist":
        return f"label {key} is there"
    unwanted = "" if operator == "NotIn" else f", not {' or '.join(sorted(values))}"
    return f"label {key} is {labels[key]}{unwanted}"


class FieldSelector(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Requirements on a cluster's `provider`, `region` and `zone`."""

    match_expressions: tuple[SelectorRequirement, ...] = ()


class ImplicitPriority(IntEnum):
    """How closely a selector names an object (pkg/util/selector.go, ImplicitPriority)."""

    MISMATCH = 0
    MATCH_ALL = 1
    MATCH_LABEL = 2
    MATCH_NAME = 3


class ResourceSelector(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """Which resource templates a policy takes."""

    api_version: str
    kind: str
    namespace: str = ""
    name: str = ""
    label_selector: LabelSelector | None = None

    def priority(self, ref: ObjectReference, labels: Mapping[str, str]) -> ImplicitPriority:
        """Return how closely this selector names the object, `MISMATCH` when it does not."""
        if (
            self.api_version != ref.api_version
            or self.kind != ref.kind
            or (self.namespace and self.namespace != ref.namespace)
        ):
            return ImplicitPriority.MISMATCH
        # Karmada ignores labelSelector when name is set.
        if self.name:
            matched = self.name == ref.name
            return ImplicitPriority.MATCH_NAME if matched else ImplicitPriority.MISMATCH
        if self.label_selector is None:
            return ImplicitPriority.MATCH_ALL
        if self.label_selector.matches(labels):
            return ImplicitPriority.MATCH_LABEL
        return ImplicitPriority.MISMATCH


class ClusterAffinity(
    Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True
):
    """Which member clusters: a selection that `exclude` always wins over."""

    label_selector: LabelSelector | None = None
    field_selector: FieldSelector | None = None
    cluster_names: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing at all is selected on."""
        return (
            self.label_selector is None
            and self.field_selector is None
            and not self.cluster_names
            and not self.exclude
        )


AffinityName = Annotated[str, Meta(min_length=1, max_length=32)]


class OverflowAffinity(ClusterAffinity, frozen=True, kw_only=True):
    """A named extra tier of a cluster affinity term, filled after the tiers before it."""

    affinity_name: AffinityName


class ClusterAffinityTerm(ClusterAffinity, frozen=True, kw_only=True):
    """One of several alternative cluster groups, of which exactly one is active."""

    affinity_name: AffinityName
    overflow_affinities: tuple[OverflowAffinity, ...] = ()
