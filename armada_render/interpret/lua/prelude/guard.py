r"""The limits of a run, and `pcall`, which must not let a script get around them.

Whoever hands this text to Lua passes two functions that lift and set the memory limit, the one that
asks Python, and the table of limits (`sandbox.py`).
"""

SOURCE = r"""
local relax, restrict, ask, limits = ...
local collect = collectgarbage
collect("stop") -- all that is made from here to the run is kept anyway
local type, error, next, select, load = type, error, next, select, load
local pcall, xpcall, rawtonumber, rawtostring = pcall, xpcall, tonumber, tostring
local floor, huge = math.floor, math.huge
local bytes, char, find, match = string.byte, string.char, string.find, string.match
local sub, gsub, rep = string.sub, string.gsub, string.rep
local rawformat, join = string.format, table.concat
local lower, upper, reverse = string.lower, string.upper, string.reverse
local rawunpack, getinfo, sethook, clock = table.unpack, debug.getinfo, debug.sethook, os.clock
local set_metatable = setmetatable

-- The verdict that ends a run. Once set, no pcall of the script gets control back.
local fatal, done = nil, false
local left, deadline = limits.instructions, clock() + limits.seconds

local function stop(reason)
  fatal = fatal or reason
  error(fatal, 0)
end

-- Work of a C function that grows with its arguments is paid for like instructions.
local function spend(amount)
  left = left - amount
  if left < 0 then stop(limits.instructions_message) end
end

local function tick()
  if done then return end
  left = left - limits.step
  if fatal then error(fatal, 0) end
  if left < 0 then stop(limits.instructions_message) end
  if clock() > deadline then stop(limits.seconds_message) end
end

-- A hook cannot run where no C call fits on the stack any more: pcalls must leave it room, and a
-- pcall that failed pays for the look at the budget that may not have taken place in it.
local depth = 0

local function settled(outer, ok, ...)
  depth = outer
  if fatal then error(fatal, 0) end
  if not ok then
    local reason = ...
    -- A userdata is an exception of the host; a script must never hold one.
    if reason == "not enough memory" or type(reason) == "userdata" then stop(reason) end
    tick()
  end
  return ok, ...
end

local function guarded(f, ...)
  local outer = depth
  if outer >= limits.pcalls then
    error("pcall is nested more than " .. limits.pcalls .. " deep", 2)
  end
  depth = outer + 1
  return settled(outer, pcall(f, ...))
end

local function handled(handler, ok, ...)
  if ok then return true, ... end
  return false, handler(...)
end

-- The host lifts the memory limit before it makes Lua values; `restrict` puts it back.
local function answer(ok, result)
  restrict()
  if not ok then error(result, 3) end
  return result
end

local env = {}

function env.pcall(f, ...)
  return guarded(f, ...)
end

-- The handler runs after the stack is unwound: inside a hook's error it could not be stopped.
function env.xpcall(f, handler)
  if type(f) ~= "function" or type(handler) ~= "function" then
    error("bad argument to 'xpcall' (two functions expected)", 2)
  end
  return handled(handler, guarded(f))
end
"""
