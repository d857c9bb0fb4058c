"""A policy's explanation for people."""

from collections.abc import Iterator

from armada_render.explain.layout import at, count, names
from armada_render.explain.result import PolicyExplanation, SelectedObject, SelectorReport

_MOST_OBJECTS = 30
_WORDS = {
    "won": "takes",
    "lost": "loses",
    "applied": "changes",
    "passed": "leaves",
    "failed": "fails at",
}


def policy_lines(explanation: PolicyExplanation) -> Iterator[str]:
    """Yield the lines of an explanation."""
    yield f"{explanation.policy}{at(explanation.location)}"
    if explanation.rejected:
        yield "rejected: it takes no part"
        for problem in explanation.problems:
            where = f"{problem.field}{at(problem.location)}: " if problem.field else ""
            yield f"  {where}{problem.message}"
            if problem.hint:
                yield f"    hint: {problem.hint}"
    else:
        priority = explanation.priority
        yield "takes part" + (f", with priority {priority}" if priority is not None else "")
    if explanation.selectors:
        yield from ("", "SELECTORS")
        for selector in explanation.selectors:
            yield from _selector(selector)
    if not explanation.rejected:
        yield from ("", "OBJECTS")
        yield from _objects(explanation)


def _selector(report: SelectorReport) -> Iterator[str]:
    fields = report.selector
    labels = fields.get("labelSelector")
    text = f"{fields['apiVersion']} {fields['kind']}"
    text += f" {fields['name']}" if fields.get("name") else ""
    text += f" in {fields['namespace']}" if fields.get("namespace") else ""
    if labels:
        wanted = [f"{key}={value}" for key, value in labels.get("matchLabels", {}).items()]
        wanted += [
            " ".join(filter(None, (one["key"], one["operator"], ", ".join(one["values"]))))
            for one in labels.get("matchExpressions", ())
        ]
        text += f" with {', '.join(wanted)}"
    yield f"  {text}{at(report.location)}: matches {count(report.matches, 'object')}"


def _objects(explanation: PolicyExplanation) -> Iterator[str]:
    if not explanation.objects:
        yield "  none"
    for item in explanation.objects[:_MOST_OBJECTS]:
        yield from _object(item)
    if len(explanation.objects) > _MOST_OBJECTS:
        yield f"  ... and {len(explanation.objects) - _MOST_OBJECTS} more (-o json)"


def _object(item: SelectedObject) -> Iterator[str]:
    where = f" on {names(item.clusters)}" if item.clusters else ""
    yield f"  {_WORDS[item.outcome]:8}  {item.object}{where}"
    if item.reason:
        yield f"            {item.reason}"
