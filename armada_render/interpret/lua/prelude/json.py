r"""From a Lua table to JSON text, after layeh.com/gopher-json (json.go).

A number outside Lua's exact integers is written with an exponent: `convert.py` decides what it is.
"""

SOURCE = r"""
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function escaped(c)
  return escapes[c] or rawformat("\\u%04x", bytes(c))
end

local function quoted(s)
  spend(#s / 16)
  if find(s, '[%c"\\]') then s = gsub(s, '[%c"\\]', escaped) end
  return '"' .. s .. '"'
end

local function number_json(v)
  if v ~= v or v == huge or v == -huge then
    error("the number " .. number_text(v) .. " has no JSON form", 0)
  end
  if v == floor(v) and v > -2^53 and v < 2^53 then return rawformat("%d", v) end
  return rawformat("%.17e", v)
end

local encode

local function encode_list(list, size, seen, out, depth)
  out[#out + 1] = "["
  for i = 1, size do
    if i > 1 then out[#out + 1] = "," end
    encode(list[i], seen, out, depth)
  end
  out[#out + 1] = "]"
end

local function encode_object(t, seen, out, depth)
  local keys, mark = ordered_keys(t), "{"
  for i = 1, #keys do
    out[#out + 1] = mark .. quoted(keys[i]) .. ":"
    encode(t[keys[i]], seen, out, depth)
    mark = ","
  end
  out[#out + 1] = "}"
end

local function encode_table(t, seen, out, depth)
  if seen[t] then
    error("the same table stands twice in the result, or in itself: copy it for each place", 0)
  end
  seen[t] = true
  if depth > limits.depth then
    error("tables are nested more than " .. limits.depth .. " deep", 0)
  end
  local numbers, texts = 0, 0
  for key in next, t do
    if type(key) == "number" then numbers = numbers + 1
    elseif type(key) == "string" then texts = texts + 1
    else error("a table has a " .. type(key) .. " as key: JSON knows strings only", 0) end
  end
  if numbers == 0 and texts == 0 then
    out[#out + 1] = "[]"
  elseif texts == 0 then
    for i = 1, numbers do
      if t[i] == nil then
        error("a list has a hole: index " .. i .. " of " .. numbers .. " is nil", 0)
      end
    end
    encode_list(t, numbers, seen, out, depth)
  elseif numbers == 0 then
    encode_object(t, seen, out, depth)
  else
    error("a table mixes numbers and strings as keys: it is neither a list nor an object", 0)
  end
end

-- layeh.com/gopher-json, jsonValue.MarshalJSON: an empty table is [], a shared one an error.
function encode(value, seen, out, depth)
  local kind = type(value)
  if kind == "table" then encode_table(value, seen, out, depth + 1)
  elseif kind == "string" then out[#out + 1] = quoted(value)
  elseif kind == "number" then out[#out + 1] = number_json(value)
  elseif kind == "boolean" then out[#out + 1] = rawtostring(value)
  else error("a " .. kind .. " cannot stand in a result", 0) end
end

local function json(value)
  local out = {}
  encode(value, {}, out, 0)
  return join(out)
end
"""
