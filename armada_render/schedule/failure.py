"""How a pass of the scheduler fails; caught within the package."""

from armada_render.model.binding import ConditionReason


class SchedulingError(Exception):
    """A pass without result: the condition's reason, Karmada's message, and the rule behind it."""

    def __init__(self, reason: ConditionReason, message: str, rule: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.rule = rule
