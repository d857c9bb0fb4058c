"""What a rendering cannot say: it is withheld from the comparison, never taken for removed. Pure.

A document that is broken or a policy that was rejected could be about anything, so nothing of that
side can be compared. A resource that could not be placed or built is left out alone, with what
comes along with it.
"""

from collections.abc import Iterator, Mapping

from armada_render.diff.model import Side, Withheld
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering


def is_unknown(rendering: Rendering) -> bool:
    """Tell whether there are problems that cannot be laid to single resources."""
    failed = sum(bool(binding.reason) for binding in rendering.bindings)
    # A failure to schedule is the problem of its binding, and counted with it.
    failed += sum(error.stage != "schedule" for error in rendering.errors)
    return len(rendering.problems) > failed


def withheld(before: Rendering, after: Rendering) -> Mapping[ObjectReference, Withheld]:
    """Return the resources that either side fails to place or build, and what depends on them."""
    return {
        **dict(_of_side(after, before, Side.HEAD)),
        **dict(_of_side(before, after, Side.BASE)),
    }


def _of_side(
    rendering: Rendering, other: Rendering, side: Side
) -> Iterator[tuple[ObjectReference, Withheld]]:
    failed = {binding.ref: binding.message for binding in rendering.bindings if binding.reason}
    failed |= {error.ref: error.message for error in rendering.errors}
    if not failed:
        return
    names = {}
    for binding in (*rendering.bindings, *other.bindings):
        if binding.ref in failed:
            names[binding.namespace, binding.name] = binding.ref
    for binding in (*rendering.bindings, *other.bindings):
        required = [names.get((item.namespace, item.name)) for item in binding.required_by]
        by = next((ref for ref in required if ref is not None), None)
        if by is not None and binding.ref not in failed:
            text = f"comes along with {by.kind}/{by.name}, which is withheld"
            yield binding.ref, Withheld(ref=binding.ref, side=side, message=text)
    for ref, message in failed.items():
        yield ref, Withheld(ref=ref, side=side, message=message)
