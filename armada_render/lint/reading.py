"""The rule about text that kubectl and kustomize read differently: it looks at files alone."""

from collections.abc import Iterator

from armada_render.errors import SourceLocation
from armada_render.model.result import Result, Rule
from armada_render.yamlio.ambiguous import ambiguities

AMBIGUOUS = Rule(
    id="yaml-ambiguous",
    summary="kubectl and kustomize read a value or key differently",
    description="YAML 1.1 has booleans such as yes, on and n, and keys that are no text. kubectl, "
    "Karmada and this program follow it, kustomize does not: the same file means different things "
    "to them.",
    fix="put it in quotes if text is meant, else write true or false",
)

RULES = (AMBIGUOUS,)


def check_file(path: str, data: bytes) -> Iterator[Result]:
    """Find ambiguous scalars of a file."""
    for one in ambiguities(data):
        # A date may be anybody's secret; the words that stand for booleans are not.
        is_date = not one.is_key and one.text[:1].isdigit()
        what = "this date" if is_date else one.text
        yield Result(
            rule=AMBIGUOUS.id,
            level=AMBIGUOUS.level,
            message=f"{what} is {one.kubectl} for kubectl; for kustomize it is {one.kustomize}",
            location=SourceLocation(path, one.line, one.column),
            hint=AMBIGUOUS.fix,
            key=what,
        )
