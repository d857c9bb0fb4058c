"""What scripts can observe of gopher-lua, above all where it differs from Lua's C library."""

import pytest

from armada_render.interpret.lua.sandbox import ScriptError, call, compiled


def evaluated(expressions: str) -> str:
    """Return the JSON of the values of some Lua expressions."""
    head = "function F() local function list(...) return {...} end"
    script = f"{head} return list({expressions}) end"
    return str(call(compiled(script), "F", 1)[1].decode())


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("2.0", "2"),
        ("1e15", "1000000000000000"),
        ("2^53", "9007199254740992"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("-1.5", "-1.5"),
        ("0.05", "0.05"),
        ("100000.5", "100000.5"),
        ("1234567.5", "1.2345675e+06"),
        ("0.00001", "1e-05"),
        ("1e300", "1e+300"),
        ("1/0", "+Inf"),
        ("-1/0", "-Inf"),
        ("0/0", "NaN"),
        ("nil", "nil"),
        ("true", "true"),
    ],
)
def test_numbers_print_as_in_go(expression: str, text: str) -> None:
    assert evaluated(f"tostring({expression})") == f'["{text}"]'
    assert evaluated(f"string.format('%s', {expression})") == f'["{text}"]'


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("'5'", "5"),
        ("' 5 '", "5"),
        ("'-7'", "-7"),
        ("'+3'", "3"),
        ("'1.5e3'", "1500"),
        ("'0x1F'", "31"),
        ("'ff', 16", "255"),
        ("7, 2", "7"),
        ("'1e3'", "false"),
        ("'abc'", "false"),
        ("''", "false"),
        ("'9999999999999999999'", "false"),
        ("nil", "false"),
        ("{}", "false"),
    ],
)
def test_tonumber(text: str, number: str) -> None:
    assert evaluated(f"tonumber({text}) or false") == f"[{number}]"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("'%d', 3.7", "3"),
        ("'%5.2f|%-5d|%05d|%+d', 3.14159, 42, 42, 42", " 3.14|42   |00042|+42"),
        ("'%d%%', 5", "5%"),
        ("'%d'", "%!d(MISSING)"),
        ("'%'", "%!(NOVERB)"),
        ("'%x %X %#x %o %b %c', 255, 255, 255, 8, 5, 65", "ff FF 0xff 10 101 A"),
        ("'%g %g %g', 1e6, 0.1, 123456", "1e+06 0.1 123456"),
        ("'%v %v %v %v', 1.5, 2, 'x', false", "1.5 2 x false"),
        ("'%10s|%-10s|%.2s', 'abc', 'abc', 'abc'", "       abc|abc       |ab"),
        ("'%.1s', 'äö'", "ä"),
        ("'%x', 'hi'", "6869"),
        ("'%c', 228", "ä"),
        ("'%E', 12345.678", "1.234568E+04"),
        ("'%f %F', 1/0, -1/0", "Inf -Inf"),
        ("'%+f', 1/0", "+Inf"),
        ("'%t', true", "true"),
        ("'%d', true", "%!d(lua.LBool=true)"),
        ("'%z', 5", "%!z(float64=5)"),
        ("'%f', 'x'", "%!f(string=x)"),
        ("'%d', '12'", "12"),
        ("'%d', 'abc'", "0"),
        ("'%d', 1e300", "-9223372036854775808"),
    ],
)
def test_format_is_sprintf(arguments: str, text: str) -> None:
    assert evaluated(f"string.format({arguments})") == f'["{text}"]'


def test_format_quotes_as_go_does() -> None:
    assert evaluated(r"string.format('%q', 'a\"b\n\1')") == r'["\"a\\\"b\\n\\x01\""]'


@pytest.mark.parametrize(
    ("call_", "values"),
    [
        ("('hello'):find('l')", "[3,3]"),
        ("('hello'):find('l', -1)", "[]"),
        ("('hello'):find('')", "[1,0]"),
        ("('hello'):find('(l)(l)')", '[3,4,"l","l"]'),
        ("('a.b'):find('.', 1, true)", "[2,2]"),
        ("('key=val'):match('(%w+)=(%w+)')", '["key","val"]'),
        ("('abc'):match('()b()')", "[2,3]"),
        ("('x'):match('y')", "[]"),
        ("('f(a(b)c)d'):match('%b()')", '["(a(b)c)"]'),
        ("('abcabc'):match('(abc)%1')", '["abc"]'),
        ("('aaab'):match('a-b')", '["aaab"]'),
        ("('aaa'):match('^a?a?$')", "[]"),
        ("('[x]'):find('[]]')", "[3,3]"),
        ("('a-b_c'):match('[%w-]+')", '["a-b"]'),
        ("('a-b'):match('[a-]+')", '["a-"]'),
        ("('b5'):match('[a-c%d]+')", '["b5"]'),
        ("('abc'):match('[^a]+')", '["bc"]'),
        ("('aXb1'):match('%u%l%d'), ('aXb1'):match('%L+')", '["Xb1","X"]'),
        ("('cost: $100'):match('%$(%d+)')", '["100"]'),
        ("('a$b'):match('a$b')", '["a$b"]'),
        ("('x*'):match('*')", '["*"]'),
        ("('THE (quick) fox'):find('%((%a+)%)')", '[5,11,"quick"]'),
        ("('abc'):byte()", "[97,98,99]"),
        ("('abc'):byte(2)", "[98]"),
        ("('abc'):byte(-1)", "[99]"),
        ("string.char(72, 361)", '["Hi"]'),
        ("('äx'):upper(), ('ÄX'):lower(), ('ß'):upper()", '["ÄX","äx","ß"]'),
        ("('hello'):sub(-3), ('hello'):sub(2, -2), ('hello'):sub(0)", '["llo","ell","hello"]'),
        ("('abc'):reverse(), ('abc'):len(), #'äb'", '["cba",3,3]'),
        ("(5):len()", None),
    ],
)
def test_strings_and_patterns(call_: str, values: str | None) -> None:
    if values is None:
        with pytest.raises(ScriptError):
            evaluated(call_)
    else:
        # A failed find is nil, which leaves no trace in the list.
        assert evaluated(call_) == values


@pytest.mark.parametrize("pattern", ["[", "%", "(", ")", "%0", "%1", "(%1)", "[a", "[^"])
def test_a_malformed_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises(ScriptError, match="malformed pattern"):
        evaluated(f"('aa'):find('{pattern}')")


def test_gmatch_goes_through_all_matches() -> None:
    script = """
      function F()
        local found = {}
        for key, value in ('a=1,b=2'):gmatch('(%w+)=(%w+)') do found[key] = tonumber(value) end
        for word in ('x,y'):gmatch('[^,]+') do found[#found] = nil found[word] = true end
        local empty = 0
        for _ in ('ab'):gmatch('%d*') do empty = empty + 1 end
        found.empty = empty
        return found
      end
    """
    result = call(compiled(script), "F", 1)[1]
    assert result == b'{"a":1,"b":2,"empty":3,"x":true,"y":true}'


@pytest.mark.parametrize(
    ("call_", "values"),
    [
        ("table.concat({1, 2.5, 'x'}, ',')", '["1,2.5,x"]'),
        ("table.concat({1, 2, 3}, '-', 2)", '["2-3"]'),
        ("table.concat({}, ',')", '[""]'),
        ("unpack({1, 2, 3}, 2)", "[2,3]"),
        ("select('#', 1, nil), select(-1, 'a', 'b')", '[2,"b"]'),
        ("table.getn({1, 2}), table.maxn({1, [9] = 2})", "[2,9]"),
        ("table.remove({1, 2, 3})", "[3]"),
        ("table.remove({1, 2, 3}, 1)", "[1]"),
        ("table.remove({1, 2, 3}, 0)", "[3]"),
        ("table.remove({1, 2, 3}, 7) == nil", "[true]"),
        ("next({}) == nil, next({b = 1, a = 2})", '[true,"a",2]'),
        ("math.huge == 1/0, math.floor(-1.5), math.mod(-5, 3), math.log10(1000)", "[false,-2,1,3]"),
        ("pcall(error, 'x')", '[false,"x"]'),
        ("pcall(error, {code = 1})", '[false,{"code":1}]'),
        ("pcall(assert, false, 'm')", '[false,"m"]'),
        ("pcall(assert, nil)", '[false,"assertion failed!"]'),
        ("xpcall(function() return 1, 2 end, print)", "[true,1,2]"),
        ("xpcall(function() error('e', 0) end, function(e) return 'H:' .. e end)", '[false,"H:e"]'),
        ("_VERSION, type(print), print('x') == nil", '["Lua 5.1","function",true]'),
        ("package.loaded.kube == nil, require('kube') == require('kube')", "[true,true]"),
    ],
)
def test_basic_library(call_: str, values: str) -> None:
    assert evaluated(call_) == values


def test_insert_moves_what_follows() -> None:
    script = """
      function F()
        local t = {1, 3}
        table.insert(t, 2, 2)
        table.insert(t, 4)
        table.insert(t, nil)
        return t
      end
    """
    assert call(compiled(script), "F", 1)[1] == b"[1,2,3,4]"


def test_sort_is_stable_and_takes_a_comparator() -> None:
    script = """
      function F()
        local t = {}
        for i = 1, 40 do t[i] = {key = i % 3, place = i} end
        table.sort(t, function(a, b) return a.key < b.key end)
        for i = 2, 40 do
          assert(t[i - 1].key < t[i].key or t[i - 1].place < t[i].place)
        end
        local words = {'b', 'c', 'a'}
        table.sort(words)
        return words
      end
    """
    assert call(compiled(script), "F", 1)[1] == b'["a","b","c"]'


def test_traversal_is_in_order_and_survives_removal() -> None:
    script = """
      function F(obj)
        local seen = {}
        for key, value in pairs(obj) do
          seen[#seen + 1] = key .. '=' .. value
          obj.c = nil
        end
        local key, value = next(obj)
        while key do
          seen[#seen + 1] = key
          obj[key] = nil
          key, value = next(obj, key)
        end
        return seen
      end
    """
    result = call(compiled(script), "F", 1, {"d": 4, "c": 3, "a": 1, "b": 2})[1]
    assert result == b'["a=1","b=2","d=4","a","b","d"]'


def test_goto_works() -> None:
    script = """
      function F()
        local sum = 0
        for i = 1, 5 do
          if i % 2 == 0 then goto continue end
          sum = sum + i
          ::continue::
        end
        return {sum}
      end
    """
    assert call(compiled(script), "F", 1)[1] == b"[9]"


def test_a_script_may_preload_a_module() -> None:
    script = """
      package.preload.mine = function(name) return {name = name} end
      function F() return require('mine') end
    """
    assert call(compiled(script), "F", 1)[1] == b'{"name":"mine"}'
