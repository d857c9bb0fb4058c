"""Users' Lua scripts (ResourceInterpreterCustomization) in a sandbox.

Nothing here imports lupa before a script runs.
"""

from armada_render.interpret.lua.scripts import LuaScripts, Operation, check

__all__ = ["LuaScripts", "Operation", "check"]
