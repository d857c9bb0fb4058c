"""What a rule finds, and the rules that propagation and override policies share."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from armada_render.model.selector import ClusterAffinity, ResourceSelector

_FIELD_KEYS = ("provider", "region", "zone")


class Finding(Struct, frozen=True):
    """One violation: the field (`spec.placement`), what is wrong with it, and what to do."""

    field: str
    message: str
    hint: str = ""


def field_selector(affinity: ClusterAffinity, path: str) -> Iterator[Finding]:
    """Yield what is no field or operator of clusters (ValidatePolicyFieldSelector)."""
    if affinity.field_selector is None:
        return
    for i, expression in enumerate(affinity.field_selector.match_expressions):
        at = f"{path}.fieldSelector.matchExpressions[{i}]"
        if expression.key not in _FIELD_KEYS:
            yield Finding(
                f"{at}.key",
                f'no field selector knows the key "{expression.key}"',
                "use provider, region or zone; for a label of the cluster use labelSelector",
            )
        if expression.operator not in ("In", "NotIn"):
            yield Finding(
                f"{at}.operator",
                f'no field selector knows the operator "{expression.operator}"',
                "use In or NotIn",
            )


def selector_namespaces(selectors: Iterable[ResourceSelector], namespace: str) -> Iterator[Finding]:
    """Yield the selectors that leave a policy's namespace (validateResourceSelectors)."""
    if not namespace:
        return
    for i, selector in enumerate(selectors):
        if selector.namespace != namespace:
            yield Finding(
                f"spec.resourceSelectors[{i}].namespace",
                f'selects namespace "{selector.namespace}", but the policy is in "{namespace}"',
                "move the policy there, leave the namespace out, or use the cluster-wide kind",
            )
