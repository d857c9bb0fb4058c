"""Hostile scripts: each ends in a clean error, soon, and the process goes on."""

import gc
import re
import time
from typing import Any

import pytest

from armada_render.interpret.lua import sandbox
from armada_render.interpret.lua.sandbox import ScriptError, call, compiled


def run(body: str, *arguments: Any) -> Any:
    """Return what a script's function F, made of `body`, returns."""
    kind, value = call(compiled(f"function F(obj, extra)\n{body}\nend"), "F", 1, *arguments)
    return value.decode() if kind == "table" else value


def text(expression: str) -> str:
    """Return a Lua expression as text, made in Lua."""
    return str(run(f"return {{tostring({expression})}}"))[2:-2]


def failure(body: str, *arguments: Any) -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        run(body, *arguments)
    return caught.value


@pytest.fixture
def scarce(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grant a fraction of the limits, so that the tests are over soon."""
    monkeypatch.setattr(sandbox, "_LIMITS", sandbox._LIMITS | {b"instructions": 2_000_000})
    monkeypatch.setattr(sandbox, "MEMORY", 4 * 1024 * 1024)


BUDGET = "the script took more than 20000000 instructions"
MEMORY = "the script needed more than 32 MiB of memory"

ENDLESS = {
    "loop": "while true do end",
    "loop in pcall": "while true do pcall(function() while true do end end) end",
    "pcall of pcall": "local function f() while true do pcall(f) end end f()",
    "loop in xpcall's handler": "xpcall(error, function() while true do end end)",
    "xpcall for ever": "while true do xpcall(function() error('x') end, function() end) end",
    "loop in a comparator": "table.sort({3, 2, 1}, function() while true do end end)",
    "goto": "::again:: goto again",
    "front insertion": "local t = {} for i = 1, 1e6 do table.insert(t, 1, i) end",
    "backtracking": (
        "local s = 'a' for i = 1, 12 do s = s .. s end return (s:find('.-.-.-.-.-.-.-.-.-.-b'))"
    ),
    "greedy backtracking": (
        "local s = 'a' for i = 1, 12 do s = s .. s end return (s:match('a*a*a*a*a*a*a*b'))"
    ),
    "plain search": (
        "local s, p = 'a', 'a' for i = 1, 18 do s = s .. s end for i = 1, 17 do p = p .. p end "
        "while true do string.find(s, p .. 'b', 1, true) end"
    ),
    "unpacking": "local t = {} for i = 1, 4000 do t[i] = i end while true do unpack(t) end",
    "traversal": "local t = {} for i = 1, 2000 do t[-i] = i end while true do next(t) pairs(t) end",
}


@pytest.mark.usefixtures("scarce")
@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_work_runs_out_of_instructions(body: str) -> None:
    assert failure(body).message == BUDGET


SWELLING = {
    "doubling": "local s = 'x' while true do s = s .. s end",
    "doubling in pcall": (
        "local function f() local s = 'x' while true do s = s .. s end end "
        "while true do pcall(f) end"
    ),
    "table": "local t = {} for i = 1, 1e5 do t[i] = {} end",
    "one big table": "local t = {} for i = 1, 1e8 do t[i] = i end",
    "concat": (
        "local t, s = {}, 'x' for i = 1, 16 do s = s .. s end "
        "for i = 1, 200 do t[i] = s end return table.concat(t)"
    ),
    "result": (
        "local t, s = {}, 'x' for i = 1, 16 do s = s .. s end "
        "for i = 1, 99 do t[i] = s end return t"
    ),
    "closures": "local f for i = 1, 1e8 do local g = f f = function() return g end end",
}


@pytest.mark.usefixtures("scarce")
@pytest.mark.parametrize("body", SWELLING.values(), ids=SWELLING.keys())
def test_memory_is_bounded(body: str) -> None:
    assert failure(body).message == MEMORY


def test_the_full_budget_is_spent_within_the_time_limit() -> None:
    started = time.process_time()
    assert failure("while true do end").message == BUDGET
    assert time.process_time() - started < sandbox.SECONDS


def test_processor_time_is_bounded_where_single_instructions_are_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = sandbox._LIMITS | {b"seconds": 0.05}
    monkeypatch.setattr(sandbox, "_LIMITS", limits)
    slow = (
        "local s = 'x' for i = 1, 22 do s = s .. s end "
        "local a, b = s .. 'a', s .. 'b' while true do local x = a < b end"
    )
    started = time.process_time()
    assert failure(slow).message == "the script took more than 5 s"
    assert time.process_time() - started < 2


@pytest.mark.usefixtures("scarce")
@pytest.mark.parametrize(
    "body",
    [
        "local function f() return f() + 1 end return f()",
        "local function f() return (pcall(f)) end while true do f() end",
        "local t = {} for i = 1, 1000 do t = {t} end return t",
        "return {obj, obj}",
        "obj.self = obj return obj",
        "return unpack({}, 1, 1e8)",
        "return {string.char(unpack({}, 1, 1e7))}",
        "return string.format('%99999999d', 1)",
        "return string.format('%.99999999f', 1)",
        "local s = 'x' for i = 1, 20 do s = s .. s end return s:upper()",
        "local s = 'x' for i = 1, 19 do s = s .. s end return s:byte(1, -1)",
        "local s = '(' for i = 1, 18 do s = s .. s end return s:find(s)",
        "error({})",
        "error()",
        "error(print)",
        "tostring()",
        "select(-5)",
        "table.insert(nil, 1)",
        "return {[print] = 1}",
        "return {print}",
        "return {0/0}",
        "return {1/0}",
        "return {1, nil, 3}",
        "return {[0] = 1}",
        "return {1, a = 2}",
        "return ('x'):rep(1e9)",
        "return ('x'):gsub('x', 'y')",
        "return string.dump(print)",
        "return os.time()",
        "return os.date()",
        "return require('os')",
        "return package.loadlib('libc.so.6', 'system')",
    ],
)
def test_misuse_ends_in_an_error(body: str) -> None:
    assert failure(body, {"a": 1}).message


@pytest.mark.parametrize(
    "name",
    [
        "io", "debug", "coroutine", "channel", "python", "bit32", "os.execute", "os.getenv",
        "os.exit", "os.remove", "os.clock", "package.cpath", "package.path", "package.searchers",
    ],
)  # fmt: skip
def test_what_reaches_outside_is_not_there(name: str) -> None:
    assert run(f"return {name} == nil") is True


@pytest.mark.parametrize(
    "name",
    [
        "collectgarbage", "dofile", "getfenv", "getmetatable", "load", "loadfile", "loadstring",
        "rawequal", "rawget", "rawset", "setfenv", "setmetatable", "module", "newproxy",
    ],
)  # fmt: skip
def test_functions_that_karmada_bans_raise(name: str) -> None:
    error = failure(f"local _ = {name}('x')")
    assert error.message == f"the function {name} is not available to interpreter scripts"
    assert error.line == 2


def test_no_userdata_and_no_foreign_table_is_reachable() -> None:
    crawl = """
      local seen, kinds = {}, {}
      local function visit(value)
        kinds[type(value)] = true
        if type(value) == 'table' and not seen[value] then
          seen[value] = true
          for key, item in pairs(value) do visit(key) visit(item) end
        end
      end
      visit(_G) visit(_ENV) visit(require('kube')) visit(obj)
      return kinds.userdata == nil and kinds.thread == nil
    """
    assert run(crawl, {"a": [1, "x", True]}) is True


def test_an_exception_of_the_host_is_never_a_value_of_the_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("armada_render.interpret.lua.sandbox.answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("while true do pcall(require('kube').resourceAdd, '1') end")


def test_precompiled_code_is_refused() -> None:
    chunk = compiled("return 1")
    with pytest.raises(ScriptError, match="precompiled"):
        compiled(chunk.decode("latin-1"))


def test_a_huge_script_is_refused() -> None:
    with pytest.raises(ScriptError, match="more than the 100000 allowed"):
        compiled("local x = 1\n" * 10_000)


def test_many_parameters_and_varargs_do_not_overrun_the_stack() -> None:
    # CVE-2014-5461, which aborts the process under Lua 5.1.5.
    names = ",".join(f"p{i}" for i in range(150))
    body = f"""
      local function f({names}, ...) return select('#', ...) end
      local function g(n) if n == 0 then return f() end return 1 + g(n - 1) end
      local sum = 0
      for depth = 1, 300 do sum = sum + g(depth) end
      return sum
    """
    assert run(body) == 45150


def test_runs_do_not_see_each_other() -> None:
    chunk = compiled(
        "count = (count or 0) + 1\nstring.len = nil\n_G.type = nil\nmath.random()\n"
        "function F() return count end"
    )
    assert [call(chunk, "F", 1) for _ in range(2)] == [("number", 1)] * 2
    assert run("return ('abc'):len()") == 3


def test_a_script_cannot_disarm_the_sandbox_by_replacing_functions() -> None:
    body = """
      error, pcall, type, tostring, select = nil, nil, nil, nil, nil
      string.find, string.lower, table.concat, math.floor = nil, nil, nil, nil
      while true do end
    """
    assert failure(body).message == BUDGET
    assert run("type, next, pairs, tostring = nil, nil, nil, nil return {a = {1}}") == '{"a":[1]}'


def test_random_numbers_are_the_same_on_every_run() -> None:
    body = "return {math.random(), math.random(6), math.random(3, 5)}"
    assert run(body) == run(body)


def test_addresses_do_not_show() -> None:
    assert text("{}") == text("{}") == "table: 0x00000001"
    assert run("local a, b = {}, {} return tostring(a) ~= tostring(b)") is True


def test_the_line_is_that_of_the_script_even_when_the_library_raises() -> None:
    error = failure("local x = 1\nlocal y = table.concat({{}})")
    assert error.line == 3
    assert re.fullmatch(r"invalid value \(table\) at index 1 in table for 'concat'", error.message)


def test_nested_pcalls_end_before_the_stack_does() -> None:
    body = """
      local levels, message = 0, nil
      local function f()
        levels = levels + 1
        local ok, reason = pcall(f)
        if not ok then message = message or reason end
      end
      f()
      return {levels, message}
    """
    assert run(body) == '[101,"script:6: pcall is nested more than 100 deep"]'


def test_a_missing_function_and_a_value_in_its_place_are_told_apart() -> None:
    with pytest.raises(ScriptError, match="the script defines no function G"):
        call(compiled("function F() end"), "G", 1)
    with pytest.raises(ScriptError, match="G is a number, not a function"):
        call(compiled("G = 1"), "G", 1)


def test_a_manifest_nested_too_deep_is_an_error() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    assert failure("return obj", deep).message == "the manifest is nested more than 256 deep"


def test_only_json_data_crosses_the_border() -> None:
    with pytest.raises(TypeError, match="object is no JSON data"):
        run("return 1", {"a": object()})


def test_a_state_is_gone_when_its_run_is_over() -> None:
    gc.collect()
    gc.disable()
    try:
        run("return require('kube').resourceAdd('1', '2')")
        states = [item for item in gc.get_objects() if type(item).__name__ == "LuaRuntime"]
    finally:
        gc.enable()
    assert states == []


@pytest.mark.parametrize("limit", [1, 100, 500, 1000, 2000, 4000])
def test_memory_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", limit)
    body = """
      local t = {}
      for i = 1, 1000 do
        t[i] = {pcall(require('kube').resourceAdd, '1', 'x')}
        t[i].text = string.format('%d %s', i, 'a'):upper()
      end
      error(t)
    """
    assert failure(body).message == MEMORY


def test_lua_reads_no_attribute_of_a_python_object() -> None:
    with pytest.raises(AttributeError):
        sandbox._deny(object(), "__class__", _is_setting=False)


@pytest.mark.parametrize(
    ("reason", "message"), [("not enough memory", MEMORY), ("odd", "(?s).*odd.*")]
)
def test_an_error_outside_the_run_is_still_one_of_the_script(
    monkeypatch: pytest.MonkeyPatch, reason: str, message: str
) -> None:
    prelude = f"return function() error('{reason}') end".encode()
    monkeypatch.setattr(sandbox, "PRELUDE", prelude)
    assert re.fullmatch(message, failure("return 1").message)
