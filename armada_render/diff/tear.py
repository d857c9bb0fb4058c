"""What a change tears apart: objects that belong together, and no longer are on a cluster. Pure.

What belongs together is for `lint` to say; here it is asked for both sides.
"""

from collections.abc import Container, Iterable, Iterator, Sequence

from msgspec.structs import replace

from armada_render.diff.model import Movement
from armada_render.explain.difference import same
from armada_render.interpret import Interpreter
from armada_render.lint.relations import Relation, relations
from armada_render.lint.together import Torn, torn
from armada_render.model.binding import ResourceBinding
from armada_render.model.resource import ObjectReference
from armada_render.pipeline import Rendering


def tears(
    before: Rendering,
    after: Rendering,
    movements: Iterable[Movement],
    held: Container[ObjectReference],
) -> Iterator[Torn]:
    """Yield what is torn apart afterwards on clusters where it was not.

    Of what is `held` back from the comparison nobody knows where it will be.
    """
    # Nothing is torn apart where nothing comes or goes.
    namespaces = {item.ref.namespace for item in movements if item.come or item.gone}
    if not namespaces:
        return
    old, new = _near(before, namespaces), _near(after, namespaces)
    belonging = _relations(old)
    known = {
        (item.ref, item.missing): frozenset(item.clusters)
        for item in torn(belonging, old, before.clusters)
    }
    if not _are_same(old, new):
        belonging = _relations(new)
    for item in torn(belonging, new, after.clusters):
        if item.ref in held or item.missing in held:
            continue
        clusters = tuple(
            name for name in item.clusters if name not in known.get((item.ref, item.missing), ())
        )
        if clusters:
            yield replace(item, clusters=clusters)


def _near(rendering: Rendering, namespaces: set[str]) -> Sequence[ResourceBinding]:
    return [
        binding
        for binding in rendering.bindings
        if binding.ref.namespace in namespaces or not binding.ref.namespace
    ]


def _relations(bindings: Sequence[ResourceBinding]) -> tuple[Relation, ...]:
    # Customizations say what else a kind takes along: that is no more than a hint here.
    return relations([binding.template for binding in bindings], Interpreter(()))


def _are_same(old: Sequence[ResourceBinding], new: Sequence[ResourceBinding]) -> bool:
    """Tell whether both have the very same manifests, as when only policies or clusters change."""
    return len(old) == len(new) and all(
        same(one.template.manifest, other.template.manifest)
        for one, other in zip(old, new, strict=True)
    )
