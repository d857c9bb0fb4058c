"""Whether the Lua scripts of ResourceInterpreterCustomizations compile.

(pkg/webhook/resourceinterpretercustomization/validating.go) They stay in use all the same: what
runs one of them fails, as it does upstream for those that were there before the webhook.
"""

from collections.abc import Iterable

from armada_render.errors import Problem
from armada_render.model.fleet import Customization


def customization_problems(customizations: Iterable[Customization]) -> tuple[Problem, ...]:
    """Return a problem for each customization with a script that is no Lua."""
    problems: list[Problem] = []
    for customization in customizations:
        # The Lua engine is loaded only for users that have scripts.
        from armada_render.interpret.lua import check  # noqa: PLC0415

        message = check(customization)
        if message:
            problems.append(
                Problem(
                    message=message,
                    location=customization.location,
                    field="spec.customizations",
                    resource=f"ResourceInterpreterCustomization//{customization.name}",
                    hint="scripts are Lua 5.1: see docs/customizations.md",
                )
            )
    return tuple(problems)
