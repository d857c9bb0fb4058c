r"""Lua patterns, written in Lua after gopher-lua's pm/pm.go.

Patterns are compiled to steps, then matched by backtracking. Lua's own matcher is C code that no
instruction budget interrupts; here a pattern that backtracks for ever runs into it.
"""

SOURCE = r"""
local classes = {
  a = "%a", c = "%c", d = "%d", l = "%l", p = "%p",
  s = "%s", u = "%u", w = "%w", x = "%x", z = "%z",
}

local named = {}

-- A class is a set of byte values. Letters that name no class stand for themselves.
local function named_class(letter)
  if named[letter] then return named[letter] end
  local set, class = {}, classes[letter] or classes[lower(letter)]
  named[letter] = set
  if not class then
    set[bytes(letter)] = true
    return set
  end
  local wanted = classes[letter] ~= nil
  for code = 0, 255 do
    if (code < 128 and find(char(code), class) ~= nil) == wanted then set[code] = true end
  end
  return set
end

local everything = {}
for code = 0, 255 do everything[code] = true end

local function bad_pattern(what)
  error("malformed pattern: " .. what, 0)
end

-- One item of a set at `at`: its set, its code when it is a plain character, and what follows.
local function set_item(pattern, at)
  local c = sub(pattern, at, at)
  if c == "" then bad_pattern("a '[' is not closed") end
  if c ~= "%" then return { [bytes(c)] = true }, bytes(c), at + 1 end
  c = sub(pattern, at + 1, at + 1)
  if c == "" then bad_pattern("it ends with '%'") end
  return named_class(c), nil, at + 2
end

local function bracket_class(pattern, at)
  local negated = sub(pattern, at, at) == "^"
  if negated then at = at + 1 end
  local items, codes, ranged, item, code = {}, {}, false, nil, nil
  while true do
    local c = sub(pattern, at, at)
    if c == "]" and #items > 0 then break end
    if c == "-" and #items > 0 then
      ranged, at = true, at + 1
    else
      item, code, at = set_item(pattern, at)
      if ranged then
        local low, range = codes[#items], {}
        for i = low or 1, low and code or 0 do range[i] = true end
        items[#items], codes[#items], ranged = range, nil, false
      else
        items[#items + 1], codes[#items + 1] = item, code
      end
    end
  end
  if ranged then items[#items + 1] = { [bytes("-")] = true } end
  local set = {}
  for i = 0, 255 do
    local found = false
    for j = 1, #items do found = found or items[j][i] or false end
    if found ~= negated then set[i] = true end
  end
  return set, at + 1
end

local function single_class(pattern, at)
  local c = sub(pattern, at, at)
  if c == "." then return everything, at + 1 end
  if c == "[" then return bracket_class(pattern, at + 1) end
  if c ~= "%" then return { [bytes(c)] = true }, at + 1 end
  if at == #pattern then bad_pattern("it ends with '%'") end
  return named_class(sub(pattern, at + 1, at + 1)), at + 2
end

local compile_sequence

local function compile_group(state, at)
  local slot = state.captures
  state.captures = slot + 1
  if sub(state.pattern, at, at) == ")" then
    state[#state + 1] = { "position", slot }
    return at + 1
  end
  state[#state + 1] = { "open", slot }
  at = compile_sequence(state, at, false)
  if sub(state.pattern, at, at) ~= ")" then bad_pattern("a '(' is not closed") end
  state[#state + 1] = { "close", slot }
  return at + 1
end

local function compile_escape(state, at)
  local c = sub(state.pattern, at + 1, at + 1)
  if c == "0" then bad_pattern("%0 is no capture") end
  if find(c, "^%d") then
    state[#state + 1] = { "back", rawtonumber(c) }
    return at + 2
  end
  if c == "b" then
    local open, close = bytes(state.pattern, at + 2, at + 3)
    state[#state + 1] = { "balance", open or -1, close or -1 }
    return at + 4
  end
  state[#state + 1] = { "one", (single_class(state.pattern, at)) }
  return at + 2
end

function compile_sequence(state, at, top)
  local pattern, size = state.pattern, #state.pattern
  if top and sub(pattern, at, at) == "^" then state.head, at = true, at + 1 end
  local start = #state
  while at <= size do
    local c = sub(pattern, at, at)
    local last = state[#state]
    if c == "%" then
      at = compile_escape(state, at)
    elseif c == ")" then
      if top then bad_pattern("a ')' closes nothing") end
      return at
    elseif c == "(" then
      at = compile_group(state, at + 1)
    elseif find(c, "[*+?-]") and #state > start and last[1] == "one" then
      last[1], at = c, at + 1
    elseif c == "$" and top and at == size then
      state.tail, at = true, at + 1
    else
      local set
      if find(c, "[*+?-]") then
        set, at = { [bytes(c)] = true }, at + 1
      else
        set, at = single_class(pattern, at)
      end
      state[#state + 1] = { "one", set }
    end
  end
  return at
end

local compiled = {}

local function compile(pattern)
  if not compiled[pattern] then
    local state = { pattern = pattern, captures = 1 }
    compile_sequence(state, 1, true)
    compiled[pattern] = state
  end
  return compiled[pattern]
end
local run

local function run_balance(state, s, step, at, n, found)
  local open, close = step[2], step[3]
  if bytes(s, at) ~= open then return nil end
  local depth = 1
  for i = at + 1, #s do
    local c = bytes(s, i)
    if c == close then
      depth = depth - 1
      if depth == 0 then return run(state, s, n + 1, i + 1, found) end
    elseif c == open then
      depth = depth + 1
    end
  end
  return nil
end

local function run_back(state, s, step, at, n, found)
  local capture = found[step[2]]
  if not capture or not capture[2] then bad_pattern("%" .. step[2] .. " is no finished capture") end
  local text = sub(s, capture[1], capture[2])
  if sub(s, at, at + #text - 1) ~= text then return nil end
  return run(state, s, n + 1, at + #text, found)
end

local function run_repeat(state, s, step, at, n, found)
  local set, kind = step[2], step[1]
  if kind == "-" then
    while true do
      local stop_at = run(state, s, n + 1, at, found)
      if stop_at then return stop_at end
      if not set[bytes(s, at)] then return nil end
      at = at + 1
    end
  end
  local last = at
  local most = kind == "?" and at + 1 or huge
  while last < most and set[bytes(s, last)] do last = last + 1 end
  for i = last, kind == "+" and at + 1 or at, -1 do
    local stop_at = run(state, s, n + 1, i, found)
    if stop_at then return stop_at end
  end
  return nil
end

local function run_capture(state, s, step, at, n, found)
  local slot, old = step[2], found[step[2]]
  if step[1] == "open" then
    found[slot] = { at }
  elseif step[1] == "close" then
    found[slot] = { old[1], at - 1 }
  else
    found[slot] = { at, position = true }
  end
  local stop_at = run(state, s, n + 1, at, found)
  if not stop_at then found[slot] = old end
  return stop_at
end

local runners = {
  balance = run_balance, back = run_back,
  open = run_capture, close = run_capture, position = run_capture,
  ["*"] = run_repeat, ["+"] = run_repeat, ["-"] = run_repeat, ["?"] = run_repeat,
}

-- Match the steps from `n` on at byte `at`; what follows the match, or nil.
function run(state, s, n, at, found)
  while true do
    local step = state[n]
    if not step then
      if state.tail and at <= #s then return nil end
      return at
    end
    if step[1] ~= "one" then return runners[step[1]](state, s, step, at, n, found) end
    if not step[2][bytes(s, at)] then return nil end
    n, at = n + 1, at + 1
  end
end

-- All matches from byte `at` on, at most `most`: {first, past the end, captures}.
local function matches(s, pattern, at, most)
  local state, all = compile(pattern), {}
  while at <= #s + 1 do
    local found = {}
    local past = run(state, s, 1, at, found)
    local first = at
    at = at + 1
    if past then
      if at < past then at = past end
      all[#all + 1] = { first, past, found, state.captures - 1 }
    end
    if #all == most or state.head then break end
  end
  return all
end

local function captures(s, one)
  local values = {}
  for i = 1, one[4] do
    local capture = one[3][i]
    values[i] = capture.position and capture[1] or sub(s, capture[1], capture[2])
  end
  return values
end

local function start_at(s, from)
  if from > 0 then return from end
  if from == 0 then return 1 end
  return #s + from + 1 > 1 and #s + from + 1 or 1
end
"""
