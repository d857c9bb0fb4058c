r"""Lua's basic functions, `math` and `os`, as gopher-lua has them.

Rules: gopher-lua's baselib.go, value.go and mathlib.go. Karmada takes fourteen functions away
(luavm/lua.go, setLib); what reads the clock goes as well.
"""

SOURCE = r"""
-- How Go prints a float64: as few digits as name it (strconv, format 'g').
local function shortest_text(v)
  if v ~= v then return "NaN" end
  if v == huge then return "+Inf" end
  if v == -huge then return "-Inf" end
  local digits = 15
  while digits < 17 and rawtonumber(rawformat("%." .. digits .. "g", v)) ~= v do
    digits = digits + 1
  end
  local sign, first, rest, exponent =
    match(rawformat("%." .. digits - 1 .. "e", v), "^(%-?)(%d)%.?(%d*)e([+-]%d+)$")
  rest, exponent = gsub(rest, "0+$", ""), rawtonumber(exponent)
  if exponent < -4 or exponent >= 6 then
    return sign .. first .. (rest == "" and "" or "." .. rest) .. rawformat("e%+03d", exponent)
  end
  if exponent < 0 then return sign .. "0." .. rep("0", -exponent - 1) .. first .. rest end
  local all = first .. rest
  local whole, fraction = sub(all, 1, exponent + 1), sub(all, exponent + 2)
  whole = whole .. rep("0", exponent + 1 - #whole)
  return sign .. whole .. (fraction == "" and "" or "." .. fraction)
end

-- Integers print in full (gopher-lua value.go, LNumber.String).
local function number_text(v)
  if v == floor(v) and v >= -2^63 and v < 2^63 then return rawformat("%d", v) end
  return shortest_text(v)
end

-- Addresses differ from run to run; the order of first use does not.
local identity, identities = {}, 0

local function text_of(v)
  local kind = type(v)
  if kind == "number" then return number_text(v) end
  if kind == "table" or kind == "function" then
    if not identity[v] then
      identities = identities + 1
      identity[v] = identities
    end
    return rawformat("%s: 0x%08x", kind, identity[v])
  end
  return rawtostring(v)
end

local function bad_argument(n, name, wanted, v)
  local found = wanted .. " expected, got " .. type(v)
  error("bad argument #" .. n .. " to '" .. name .. "' (" .. found .. ")", 4)
end

local function text_argument(v, n, name)
  if type(v) == "number" then v = number_text(v) end
  if type(v) ~= "string" then bad_argument(n, name, "string", v) end
  if #v > limits.string then
    error("the string of " .. #v .. " bytes is too long for string." .. name ..
      ": at most " .. limits.string .. " bytes are allowed", 3)
  end
  spend(#v / 16)
  return v
end

local function integer_argument(v, n, name, default)
  if v == nil and default then return default end
  local number = rawtonumber(v)
  if type(v) == "boolean" or not number then bad_argument(n, name, "number", v) end
  if number ~= number or number >= 2^53 or number <= -2^53 then
    number = number > 0 and 2^53 or -2^53
  end
  return number < 0 and -floor(-number) or floor(number)
end

local function table_argument(v, n, name)
  if type(v) ~= "table" then bad_argument(n, name, "table", v) end
  return v
end

function env.tostring(...)
  if select("#", ...) == 0 then error("bad argument #1 to 'tostring' (value expected)", 2) end
  return text_of((...))
end

-- Without a dot only integers are numbers, and "1e3" is none (gopher-lua baselib.go, baseToNumber).
local function number_of(v, base)
  if type(v) == "number" then return v end
  if type(v) ~= "string" or #v > 400 then return nil end
  local s = match(v, "^[ \n\t]*(.-)[ \n\t]*$")
  if find(s, ".", 1, true) then
    return find(s, "^[%w.+-]+$") and rawtonumber(s) or nil
  end
  if not base and find(s, "^0[xX]") then base, s = 16, sub(s, 3) end
  local sign, digits = match(s, "^([+-]?)(%w+)$")
  local value = digits and rawtonumber(digits, integer_argument(base, 2, "tonumber", 10))
  if not value or value >= 2^63 then return nil end
  return sign == "-" and -value or value
end
env.tonumber = number_of

function env.assert(...)
  local value, message = ...
  if value then return ... end
  error(type(message) == "string" and message or "assertion failed!", 2)
end

env._G, env._VERSION, env.type, env.error, env.select = env, "Lua 5.1", type, error, select
env.ipairs = ipairs
function env.print() end

for _, name in next, {
  "collectgarbage", "dofile", "getfenv", "getmetatable", "load", "loadfile", "loadstring",
  "rawequal", "rawget", "rawset", "setfenv", "setmetatable", "module", "newproxy",
} do
  env[name] = function()
    error("the function " .. name .. " is not available to interpreter scripts", 2)
  end
end

env.math = {}
for _, name in next, {
  "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod",
  "frexp", "ldexp", "max", "min", "modf", "pi", "pow", "rad", "sin", "sinh", "sqrt", "tan", "tanh",
} do
  env.math[name] = math[name]
end
local log, ln10 = math.log, math.log(10)
env.math.huge = 1.7976931348623157e308
function env.math.log(x) return log(x) end
function env.math.log10(x) return log(x, 10) end
function env.math.mod(a, b) return a % b end

-- The same numbers on every run: output must not depend on chance (Park and Miller's generator).
local seed = 1
function env.math.randomseed(n) seed = integer_argument(n, 1, "randomseed") % 2147483646 + 1 end
function env.math.random(low, high)
  seed = seed * 16807 % 2147483647
  local fraction = (seed - 1) / 2147483646
  if low == nil then return fraction end
  if high == nil then low, high = 1, low end
  low, high = integer_argument(low, 1, "random"), integer_argument(high, 2, "random")
  if high < low then error("bad argument to 'random' (interval is empty)", 2) end
  return low + floor(fraction * (high - low + 1))
end

env.os = {}
for _, name in next, { "time", "date" } do
  env.os[name] = function()
    error("os." .. name .. " is not available: a rendered manifest must not depend on the clock", 2)
  end
end
"""
