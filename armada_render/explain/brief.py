"""Why each object of a whole rendering is where it is, without how it was built there.

For pages about everything: what does not depend on the object is looked up once.
"""

from collections.abc import Iterator

from armada_render.explain.evidence import Evidence
from armada_render.explain.placement import placement
from armada_render.explain.policies import compared
from armada_render.explain.result import ObjectExplanation
from armada_render.explain.text import object_lines
from armada_render.model.binding import ResourceBinding


def brief_lines(evidence: Evidence) -> Iterator[tuple[ResourceBinding, list[str]]]:
    """Yield every binding with the lines that say who took it and how it got its clusters."""
    rendering = evidence.rendering
    policies = {policy.key: policy for policy in rendering.propagation_policies}
    holders = {(one.namespace, one.name): one for one in rendering.bindings}
    for binding in rendering.bindings:
        template = binding.template
        explanation = ObjectExplanation(
            object=str(binding.ref),
            location=evidence.locate(template.location, ""),
            app=template.app,
            scope=(),
            passed_over="",
            policies=tuple(compared(binding, policies, evidence.locate)),
            placements=(placement(binding, holders, evidence),),
            brings=(),
            builds=(),
            fields=(),
            errors=(),
            warnings=(),
        )
        yield binding, list(object_lines(explanation))
