"""What a kind means: how many replicas, what they need, what it refers to, whether it is healthy.

No decisions about clusters, no I/O. Lua, for users' own rules, is loaded only when there are some.
"""

from armada_render.interpret.interpreter import Interpreter
from armada_render.interpret.values import DependentObject, Health, InterpretError

__all__ = ["DependentObject", "Health", "InterpretError", "Interpreter"]
