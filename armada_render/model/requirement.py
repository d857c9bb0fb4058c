"""Which versions of armada-render a repository allows: `>=0.2, <0.3`."""

import re

from armada_render.model.pattern import pattern

_CONDITION = pattern(r"\s*(==|!=|>=|<=|>|<)\s*(\d+(?:\.\d+)*)\s*", re.ASCII)


def is_requirement(text: str) -> bool:
    """Tell whether `text` is conditions on a version, with commas between them."""
    return all(_CONDITION.fullmatch(part) for part in text.split(","))


def satisfies(version: str, requirement: str) -> bool:
    """Tell whether `version` meets all conditions of a `requirement`; 0.2 is 0.2.0."""
    ours = _parts(version)
    for part in requirement.split(","):
        condition = _CONDITION.fullmatch(part)
        if condition is None or not _holds(ours, condition[1], _parts(condition[2])):
            return False
    return True


def _holds(ours: tuple[int, ...], operator: str, wanted: tuple[int, ...]) -> bool:
    order = (ours > wanted) - (ours < wanted)
    return (
        order
        in {
            "==": (0,),
            "!=": (-1, 1),
            ">=": (0, 1),
            "<=": (-1, 0),
            ">": (1,),
            "<": (-1,),
        }[operator]
    )


def _parts(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, without zeros at its end and what follows them."""
    numbers = re.match(r"\d+(\.\d+)*", version, re.ASCII)
    found = [int(number) for number in (numbers[0] if numbers else "0").split(".")]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
