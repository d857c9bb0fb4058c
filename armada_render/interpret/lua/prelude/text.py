r"""The `string` library, after pkg/util/lifted/lua/string_safe.go."""

SOURCE = r"""
local text = {}
env.string = text

function text.find(...)
  local s, pattern, from, plain = ...
  s, pattern = text_argument(s, 1, "find"), text_argument(pattern, 2, "find")
  if pattern == "" then return 1, 0 end
  from = start_at(s, integer_argument(from, 3, "find", 1))
  if plain then
    spend(#s * #pattern / 64)
    return find(s, pattern, from, true)
  end
  local one = matches(s, pattern, from, 1)[1]
  if not one then return nil end
  return one[1], one[2] - 1, rawunpack(captures(s, one))
end

function text.match(s, pattern, from)
  s, pattern = text_argument(s, 1, "match"), text_argument(pattern, 2, "match")
  from = start_at(s, integer_argument(from, 3, "match", 1))
  local one = matches(s, pattern, from, 1)[1]
  if not one then return end
  if one[4] == 0 then return sub(s, one[1], one[2] - 1) end
  return rawunpack(captures(s, one))
end

function text.gmatch(s, pattern)
  s, pattern = text_argument(s, 1, "gmatch"), text_argument(pattern, 2, "gmatch")
  local all, i = matches(s, pattern, 1, -1), 0
  return function()
    i = i + 1
    local one = all[i]
    if not one then return end
    if one[4] == 0 then return sub(s, one[1], one[2] - 1) end
    return rawunpack(captures(s, one))
  end
end
text.gfind = text.gmatch

for _, name in next, { "gsub", "rep", "dump" } do
  text[name] = function()
    error("string." .. name .. " is not available to interpreter scripts", 2)
  end
end

function text.len(s)
  if type(s) ~= "string" and type(s) ~= "number" then bad_argument(1, "len", "string", s) end
  return #text_of(s)
end

-- Without positions all bytes come back, as upstream.
function text.byte(...)
  local s, first, last = ...
  s = text_argument(s, 1, "byte")
  first = integer_argument(first, 2, "byte", 1)
  last = integer_argument(last, 3, "byte", select("#", ...) == 2 and first or -1)
  if #s > limits.values and (last < 0 or last - first >= limits.values) then
    error("too many results of 'byte'", 2)
  end
  return bytes(s, first, last)
end

function text.char(...)
  local codes = { ... }
  for i = 1, select("#", ...) do codes[i] = char(integer_argument(codes[i], i, "char") % 256) end
  return join(codes)
end

function text.sub(s, first, last)
  s = text_argument(s, 1, "sub")
  return sub(s, integer_argument(first, 2, "sub"), integer_argument(last, 3, "sub", -1))
end

-- Go's case mapping knows all of Unicode.
function text.lower(s)
  s = text_argument(s, 1, "lower")
  if not find(s, "[\128-\255]") then return lower(s) end
  local result = answer(ask("lower", s))
  return result
end

function text.upper(s)
  s = text_argument(s, 1, "upper")
  if not find(s, "[\128-\255]") then return upper(s) end
  local result = answer(ask("upper", s))
  return result
end

function text.reverse(s)
  return reverse(text_argument(s, 1, "reverse"))
end
"""
