"""What an override policy may not say (ValidateOverrideSpec, pkg/util/validation/validation.go).

Plaintext overriders, image values, command and args values, and whatever stands in the deprecated
`spec.overriders` are not looked at, as upstream: what is wrong there shows when it is applied.
"""

from collections.abc import Iterator

from armada_render.admit.finding import Finding, field_selector, selector_namespaces
from armada_render.model.override import (
    FieldOverrider,
    FieldPatch,
    ImageOverrider,
    LabelAnnotationOverrider,
    Operator,
    OverridePolicy,
    Overriders,
    OverrideRule,
    OverrideSpec,
)
from armada_render.model.selector import label_value_error, qualified_name_error

_ANNOTATIONS_LIMIT = 256 * 1024
_POINTER_HINT = "write it as /spec/template/..., from the root of the document"


def override_findings(policy: OverridePolicy) -> Iterator[Finding]:
    """Yield every violation of a policy that has its defaults, in Karmada's order."""
    spec = policy.spec
    yield from _deprecated(spec)
    for i, rule in enumerate(spec.override_rules or ()):
        yield from _rule(rule, f"spec.overrideRules[{i}]")
    yield from selector_namespaces(spec.resource_selectors, policy.namespace)


def _deprecated(spec: OverrideSpec) -> Iterator[Finding]:
    # An `overrideRules: []` of a ClusterOverridePolicy counts as present, as upstream.
    hint = "move it into an entry of overrideRules"
    if spec.target_cluster is not None:
        yield from field_selector(spec.target_cluster, "spec.targetCluster")
        if spec.override_rules is not None:
            yield Finding(
                "spec.targetCluster",
                "overrideRules and the deprecated targetCluster cannot both be set",
                hint,
            )
    if spec.override_rules is not None and _counts(spec.overriders):
        yield Finding(
            "spec.overriders",
            "overrideRules and the deprecated overriders cannot both be set",
            hint,
        )


def _counts(overriders: Overriders) -> bool:
    """Tell whether upstream's emptyOverrides says no; it forgets fieldOverrider."""
    return bool(
        overriders.plaintext
        or overriders.image_overrider
        or overriders.command_overrider
        or overriders.args_overrider
        or overriders.labels_overrider
        or overriders.annotations_overrider
    )


def _rule(rule: OverrideRule, at: str) -> Iterator[Finding]:
    overriders = rule.overriders
    for j, annotations in enumerate(overriders.annotations_overrider):
        yield from _annotations(annotations, f"{at}.overriders.annotationsOverrider[{j}].value")
    for j, labels in enumerate(overriders.labels_overrider):
        yield from _labels(labels, f"{at}.overriders.labelsOverrider[{j}].value")
    for j, image in enumerate(overriders.image_overrider):
        yield from _image(image, f"{at}.overriders.imageOverrider[{j}]")
    for j, field in enumerate(overriders.field_overrider):
        yield from _field(field, f"{at}.overriders.fieldOverrider[{j}]")
    if rule.target_cluster is not None:
        yield from field_selector(rule.target_cluster, f"{at}.targetCluster")


def _annotations(overrider: LabelAnnotationOverrider, at: str) -> Iterator[Finding]:
    for key in overrider.value:
        # Case does not matter in annotation keys (ValidateAnnotations of apimachinery).
        if error := qualified_name_error(key.lower()):
            yield Finding(at, f'"{key}" is no annotation key: {error}')
    size = sum(len(key.encode()) + len(text.encode()) for key, text in overrider.value.items())
    if size > _ANNOTATIONS_LIMIT:
        yield Finding(
            at,
            f"the annotations have {size} bytes, more than the {_ANNOTATIONS_LIMIT} allowed",
            "keep large content in a ConfigMap",
        )


def _labels(overrider: LabelAnnotationOverrider, at: str) -> Iterator[Finding]:
    for key, text in overrider.value.items():
        if error := qualified_name_error(key):
            yield Finding(at, f'"{key}" is no label key: {error}')
        if error := label_value_error(text):
            # Upstream checks it for every operator.
            yield Finding(
                at,
                f'the value of "{key}" is no label value: {error}',
                'to remove a label, its value does not matter: write ""'
                if overrider.operator is Operator.REMOVE
                else "",
            )


def _image(overrider: ImageOverrider, at: str) -> Iterator[Finding]:
    if overrider.predicate is not None and not _is_pointer(overrider.predicate.path):
        path = f"{at}.predicate.path"
        yield Finding(path, "a JSON pointer must start with /", _POINTER_HINT)


def _is_pointer(path: str) -> bool:
    # go-openapi/jsonpointer looks at nothing else; the empty one is the whole document.
    return not path or path.startswith("/")


def _field(overrider: FieldOverrider, at: str) -> Iterator[Finding]:
    if overrider.json and overrider.yaml:
        yield Finding(
            at,
            "json and yaml cannot both be set",
            "keep the one that the field's text is written in",
        )
    if not overrider.json and not overrider.yaml:
        yield Finding(
            at,
            "json or yaml must say what to change",
            "add a list of {subPath, operator, value}",
        )
    if not _is_pointer(overrider.field_path):
        yield Finding(f"{at}.fieldPath", "a JSON pointer must start with /", _POINTER_HINT)
    for syntax, patches in (("json", overrider.json), ("yaml", overrider.yaml)):
        for k, patch in enumerate(patches):
            yield from _patch(patch, f"{at}.{syntax}[{k}]")


def _patch(patch: FieldPatch, at: str) -> Iterator[Finding]:
    if not _is_pointer(patch.sub_path):
        yield Finding(
            f"{at}.subPath",
            "a JSON pointer must start with /",
            "write it from the root of the text inside the field",
        )
    if patch.operator is Operator.REMOVE:
        if patch.value is not None:
            yield Finding(f"{at}.value", "remove takes no value", "leave value out")
    elif patch.value is None:
        yield Finding(
            f"{at}.value",
            f"{patch.operator} needs a value, and null counts as none",
            "write the value, or use remove",
        )
