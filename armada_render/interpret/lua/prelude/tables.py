r"""Tables in the sandbox: traversal in a fixed order, and the `table` library.

`pairs` and `next` go through numbers first, then strings, each ascending. Upstream's order over a
decoded object is random, so no right script depends on it, and ours makes output reproducible.
"""

SOURCE = r"""
-- Merge sort, so that neither the input nor the comparator can make it slow. Up to 12 items the
-- comparisons are those of Go's insertion sort, as a wrong comparator shows which were made.
local function insertion(list, size, less)
  for i = 2, size do
    local j = i
    while j > 1 and less(list[j], list[j - 1]) do
      list[j], list[j - 1] = list[j - 1], list[j]
      j = j - 1
    end
  end
end

local function merged(list, low, high, less, spare)
  if low >= high then return end
  local middle = floor((low + high) / 2)
  merged(list, low, middle, less, spare)
  merged(list, middle + 1, high, less, spare)
  if not less(list[middle + 1], list[middle]) then return end
  for i = low, high do spare[i] = list[i] end
  local a, b = low, middle + 1
  for i = low, high do
    if b > high or (a <= middle and not less(spare[b], spare[a])) then
      list[i], a = spare[a], a + 1
    else
      list[i], b = spare[b], b + 1
    end
  end
end

local function before(a, b) return a < b end

local function sort(list, size, less)
  if size <= 12 then insertion(list, size, less) else merged(list, 1, size, less, {}) end
end

local function ordered_keys(t)
  local numbers, texts, others = {}, {}, {}
  for key in next, t do
    local kind = type(key)
    local list = kind == "number" and numbers or kind == "string" and texts or others
    list[#list + 1] = key
  end
  sort(numbers, #numbers, before)
  sort(texts, #texts, before)
  for _, list in next, { texts, others } do
    for i = 1, #list do numbers[#numbers + 1] = list[i] end
  end
  return numbers
end

function env.pairs(t)
  local keys, i = ordered_keys(table_argument(t, 1, "pairs")), 0
  return function()
    local value
    repeat
      i = i + 1
      if keys[i] == nil then return nil end
      value = t[keys[i]]
    until value ~= nil
    return keys[i], value
  end, t, nil
end

-- The order of keys is taken when a traversal starts, and kept for the calls that continue it.
local orders = set_metatable({}, { __mode = "k" })

function env.next(t, key)
  table_argument(t, 1, "next")
  if key == nil and next(t) == nil then return nil end
  local order = orders[t]
  if key == nil or not order then
    local keys, places = ordered_keys(t), {}
    for i = 1, #keys do places[keys[i]] = i end
    order = { keys = keys, places = places }
    orders[t] = order
  end
  local i = key == nil and 0 or order.places[key]
  if not i then error("bad argument #2 to 'next' (not a key of the table)", 2) end
  repeat
    i = i + 1
    key = order.keys[i]
    if key == nil then return nil end
  until t[key] ~= nil
  return key, t[key]
end

function env.unpack(t, first, last)
  table_argument(t, 1, "unpack")
  first, last = integer_argument(first, 2, "unpack", 1), integer_argument(last, 3, "unpack", #t)
  if last - first >= limits.values then error("too many results to unpack", 2) end
  spend((last - first) / 4)
  return rawunpack(t, first, last)
end

local list = {}
env.table = list

function list.getn(t) return #table_argument(t, 1, "getn") end

function list.maxn(t)
  local most = 0
  for key in next, table_argument(t, 1, "maxn") do
    if type(key) == "number" and key > most then most = key end
  end
  return most
end

function list.insert(...)
  local count = select("#", ...)
  local t, place, value = ...
  table_argument(t, 1, "insert")
  if count < 2 then error("wrong number of arguments to 'insert'", 2) end
  local size = #t
  if count == 2 then
    t[size + 1] = place
    return
  end
  place = integer_argument(place, 2, "insert")
  if place > 0 then
    for i = size, place, -1 do t[i + 1] = t[i] end
  end
  t[place] = value
end

function list.remove(...)
  local t, place = ...
  local size = #table_argument(t, 1, "remove")
  place = select("#", ...) > 1 and integer_argument(place, 2, "remove") or size
  if size == 0 or place > size then return nil end
  if place < 1 then place = size end
  local removed = t[place]
  for i = place, size do t[i] = t[i + 1] end
  return removed
end

function list.concat(t, separator, first, last)
  local size = #table_argument(t, 1, "concat")
  separator = separator == nil and "" or text_argument(separator, 2, "concat")
  first, last = integer_argument(first, 3, "concat", 1), integer_argument(last, 4, "concat", size)
  if first < 1 then first = 1 end
  if last > size then last = size end
  local parts = {}
  for i = first, last do
    local kind = type(t[i])
    if kind ~= "string" and kind ~= "number" then
      error("invalid value (" .. kind .. ") at index " .. i .. " in table for 'concat'", 2)
    end
    parts[#parts + 1] = text_of(t[i])
  end
  return join(parts, separator)
end

function list.sort(...)
  local t, less = ...
  table_argument(t, 1, "sort")
  if select("#", ...) == 1 then
    less = before
  elseif type(less) ~= "function" then
    bad_argument(2, "sort", "function", less)
  end
  sort(t, #t, less)
end
"""
