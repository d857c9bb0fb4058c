"""The YAML of Works: each template is written once, and of its variants only where they differ."""

from collections.abc import Iterable, Sequence

from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work
from armada_render.yamlio import dumps
from armada_render.yamlio.variants import Frame, framed


class Texts(dict[Work, bytes]):
    """The texts of some clusters' Works, in UTF-8, made when they are asked for.

    Those that several clusters get are kept; the others are put together again when asked for
    again, so that a fleet where each cluster has variants of its own does not fill the memory.
    """

    def __init__(self, clusters: Iterable[Iterable[Work]]) -> None:
        super().__init__()
        groups = list(clusters)
        self._clusters = len(groups)
        self._variants: dict[ObjectReference, list[Work]] = {}
        self._cuts: dict[Work, tuple[Frame, tuple[bytes, ...]]] = {}
        distinct: set[Work] = set().union(*groups)
        for work in distinct:
            self._variants.setdefault(work.template, []).append(work)

    def __missing__(self, work: Work) -> bytes:
        variants = self._variants[work.template]
        text = self._filled(work, variants) if len(variants) > 1 else dumps(work.manifest).encode()
        if 2 * len(variants) <= self._clusters:
            self[work] = text
        return text

    def _filled(self, work: Work, variants: Sequence[Work]) -> bytes:
        if work not in self._cuts:
            frame, fillings = framed([variant.manifest for variant in variants])
            for variant, filling in zip(variants, fillings, strict=True):
                self._cuts[variant] = frame, filling
        frame, filling = self._cuts[work]
        return frame.filled(filling)
