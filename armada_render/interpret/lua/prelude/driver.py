r"""Runs a script and its function, and hands out results or the reason why there are none."""

SOURCE = r"""
-- Method calls on strings, s:lower(), find the script's own library.
debug.getmetatable("").__index = env.string

local function payload(value)
  local kind = type(value)
  if kind == "table" then return kind, json(value) end
  if kind == "number" or kind == "boolean" then return kind, value end
  return kind, nil
end

local function script_line()
  for level = 2, 60 do
    local info = getinfo(level, "Sl")
    if not info then return 0 end
    if info.source == "=script" then return info.currentline end
  end
  return 0
end

-- Ends the run where the error is raised: hooks are off while a hook's error passes here.
local function report(reason)
  done = true
  relax()
  if type(reason) == "userdata" then return reason, 0 end
  local line = script_line()
  if type(reason) == "string" or type(reason) == "number" then return rawtostring(reason), line end
  return "the script raised a " .. type(reason) .. " instead of a message", line
end

local function finish(ok, ...)
  done = true
  relax()
  sethook()
  if not ok and type((...)) == "userdata" then error((...), 0) end
  return ok, ...
end

local globals = _G
for name in next, globals do globals[name] = nil end

return function(chunk, name, wanted, ...)
  local main = load(chunk, "=script", "b", env)
  local function run(...)
    main()
    local f = env[name]
    if f == nil then error("the script defines no function " .. name, 0) end
    if type(f) ~= "function" then error(name .. " is a " .. type(f) .. ", not a function", 0) end
    local first, second = f(...)
    local kind, value = payload(first)
    if wanted == 1 then
      done = true
      return kind, value
    end
    local other, extra = payload(second)
    done = true
    return kind, value, other, extra
  end
  collect("restart")
  restrict()
  sethook(tick, "", limits.step)
  return finish(xpcall(run, report, ...))
end
"""
