r"""`string.format`, which is Go's Sprintf on Lua values (gopher-lua value.go, Format)."""

SOURCE = r"""
local go_types = {
  ["nil"] = "*lua.LNilType", boolean = "lua.LBool", table = "*lua.LTable",
  ["function"] = "*lua.LFunction",
}

-- int64(v) of Go on amd64: toward zero, and the lowest integer when it does not fit.
local function truncated(v)
  if v ~= v or v >= 2^63 or v < -2^63 then return -2^63 end
  return v < 0 and -floor(-v) or floor(v)
end

local function digits_of(v, base, upper_case)
  local digits, sign = "", ""
  if v < 0 then sign, v = "-", -v end
  local alphabet = upper_case and "0123456789ABCDEF" or "0123456789abcdef"
  repeat
    local digit = v % base
    digits = sub(alphabet, digit + 1, digit + 1) .. digits
    v = floor(v / base)
  until v == 0
  return sign .. digits
end

local function hex_of(s, verb)
  return (gsub(s, ".", function(c) return rawformat("%02" .. verb, bytes(c)) end))
end

local function padded(body, spec, numeric)
  local missing = spec.width - #gsub(body, "[\128-\191]", "")
  if missing <= 0 then return body end
  if spec.left then return body .. rep(" ", missing) end
  if spec.zero then
    local sign, rest = match(body, "^([+-]?)(.*)$")
    if numeric then return sign .. rep("0", missing) .. rest end
    return rep("0", missing) .. body
  end
  return rep(" ", missing) .. body
end

local function signed(body, spec)
  if find(body, "^[+-]") then return body end
  return (spec.plus and "+" or spec.space and " " or "") .. body
end

local bad_verb

local function format_integer(v, verb, spec)
  v = truncated(v)
  local body
  if verb == "d" or verb == "i" then body = rawformat("%d", v)
  elseif verb == "c" then
    return padded(v >= 0 and v < 128 and char(v) or answer(ask("char", v)), spec)
  elseif verb == "b" then body = digits_of(v, 2)
  elseif verb == "o" then body = (spec.sharp and "0" or "") .. digits_of(v, 8)
  else body = digits_of(v, 16, verb == "X") end
  if spec.sharp and (verb == "x" or verb == "X") then
    body = gsub(body, "^(%-?)", "%10" .. verb)
  end
  return padded(signed(body, spec), spec, true)
end

local function format_float(v, verb, spec)
  local body
  if v ~= v or v == huge or v == -huge then
    body = v ~= v and "NaN" or v > 0 and "+Inf" or "-Inf"
    if not spec.plus then body = gsub(body, "^%+", "") end
    if v > 0 and spec.plus then body = "+Inf" end
    return padded(body, { width = spec.width, left = spec.left })
  end
  local lower_verb = lower(verb)
  if lower_verb == "g" and not spec.precision then
    body = shortest_text(v)
  else
    body = rawformat("%." .. (spec.precision or 6) .. lower_verb, v)
  end
  if verb ~= lower_verb and verb ~= "F" then body = upper(body) end
  return padded(signed(body, spec), spec, true)
end

local quotes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
  ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\v"] = "\\v" }

local function format_text(v, verb, spec)
  if verb == "x" or verb == "X" then return padded(hex_of(v, verb), spec) end
  if verb == "q" then
    v = gsub(v, '[%c"\\]', function(c) return quotes[c] or rawformat("\\x%02x", bytes(c)) end)
    v = '"' .. v .. '"'
  elseif spec.precision then
    local kept = 0
    v = gsub(v, "[^\128-\191][\128-\191]*", function(c)
      kept = kept + 1
      return kept <= spec.precision and c or ""
    end)
  end
  return padded(v, spec)
end

function bad_verb(v, verb)
  return "%!" .. verb .. "(" .. go_types[type(v)] .. "=" .. text_of(v) .. ")"
end

local function format_string(v, verb, spec)
  if verb == "d" or verb == "i" then
    -- Upstream's Format has the two branches the wrong way round; scripts may rely on the result.
    if not number_of(v) then return format_integer(0, "d", spec) end
    verb = "s"
  end
  if find(verb, "[svqxX]") then return format_text(v, verb, spec) end
  return "%!" .. verb .. "(string=" .. v .. ")"
end

local function format_value(v, verb, spec)
  local kind = type(v)
  if kind == "number" then
    if find(verb, "[bcdioxX]") then return format_integer(v, verb, spec) end
    if find(verb, "[eEfFgG]") then return format_float(v, verb, spec) end
    if verb == "v" and v == truncated(v) then return format_integer(v, "d", spec) end
    if verb == "v" then return format_float(v, "g", spec) end
    if verb == "s" or verb == "q" then return format_text(number_text(v), verb, spec) end
    return "%!" .. verb .. "(float64=" .. number_text(v) .. ")"
  end
  if kind == "string" then return format_string(v, verb, spec) end
  if kind == "boolean" and verb == "t" then return padded(text_of(v), spec) end
  if find(verb, "[svqxX]") then return format_text(text_of(v), verb, spec) end
  return bad_verb(v, verb)
end

local function number_within(digits, what)
  if digits == "" then return 0 end
  local value = rawtonumber(digits)
  if value > 99 then
    error("the " .. what .. " " .. digits .. " of string.format is more than 99", 4)
  end
  return value
end

local function format_one(flags, width, precision, verb, v)
  local spec = {
    left = find(flags, "-", 1, true), plus = find(flags, "+", 1, true),
    space = find(flags, " ", 1, true), zero = find(flags, "0", 1, true),
    sharp = find(flags, "#", 1, true),
    width = number_within(width, "width"),
    precision = precision ~= "" and number_within(sub(precision, 2), "precision") or nil,
  }
  return format_value(v, verb, spec)
end

function text.format(...)
  local values, count, used = { ... }, select("#", ...), 1
  local pattern = text_argument(..., 1, "format")
  local out, at = {}, 1
  while true do
    local percent = find(pattern, "%", at, true)
    if not percent then break end
    out[#out + 1] = sub(pattern, at, percent - 1)
    local flags, width, precision, past = match(pattern, "^([-+ 0#]*)(%d*)(%.?%d*)()", percent + 1)
    local verb = sub(pattern, past, past)
    at = past + 1
    if verb == "%" then out[#out + 1] = "%"
    elseif verb == "" then out[#out + 1] = "%!(NOVERB)"
    elseif used >= count then out[#out + 1] = "%!" .. verb .. "(MISSING)"
    else
      used = used + 1
      out[#out + 1] = format_one(flags, width, precision, verb, values[used])
    end
    spend(#out[#out] / 16)
  end
  out[#out + 1] = sub(pattern, at)
  return join(out)
end
"""
