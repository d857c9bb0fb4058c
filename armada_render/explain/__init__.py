"""Why an object is where it is and looks as it does there, or what a policy does. Pure.

The reasons are those that the engine recorded while it rendered (`ResourceBinding.verdicts`,
`rejections` and `decisions`, `Work.trace`); nothing is decided again here. Where a field stands in
a file is asked of a function that the caller gives.
"""

from armada_render.explain.brief import brief_lines
from armada_render.explain.evidence import Evidence, Locate
from armada_render.explain.fieldpath import parse as parse_field
from armada_render.explain.find import find, is_policy
from armada_render.explain.find import parse as parse_question
from armada_render.explain.object import explain_object
from armada_render.explain.policy import explain_policy
from armada_render.explain.result import ObjectExplanation, PolicyExplanation
from armada_render.explain.text import object_lines
from armada_render.explain.text_policy import policy_lines

__all__ = [
    "Evidence",
    "Locate",
    "ObjectExplanation",
    "PolicyExplanation",
    "brief_lines",
    "explain_object",
    "explain_policy",
    "find",
    "is_policy",
    "object_lines",
    "parse_field",
    "parse_question",
    "policy_lines",
]
