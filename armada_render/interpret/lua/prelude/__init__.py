"""The Lua side of the sandbox: what a script sees, how it is stopped, how its answer gets out.

Every function that a script can reach is either written here, in Lua, so that the instruction
budget sees its loops, or is a C function whose work does not grow with its arguments. Nothing of
the real global table is handed out. Behaviour is gopher-lua's as Karmada opens it
(pkg/resourceinterpreter/customized/declarative/luavm/lua.go, pkg/util/lifted/lua).
"""

from armada_render.interpret.lua.prelude import (
    base,
    driver,
    guard,
    json,
    kube,
    pattern,
    sprintf,
    tables,
    text,
)

PRELUDE = "".join(
    module.SOURCE for module in (guard, base, tables, pattern, text, sprintf, json, kube, driver)
).encode()
"""One chunk: each part uses the local names of those before it."""
