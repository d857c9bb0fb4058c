"""One run of one script: a fresh Lua state with limits, thrown away afterwards.

Lua 5.2, not 5.1: Lua 5.1.5 as lupa ships it writes past its stack when a function with many
parameters and `...` is called (CVE-2014-5461), and has no `goto`, which gopher-lua has. The
prelude gives scripts Lua 5.1's library.

What stops a script, besides the end of its work:

- instructions are counted by a debug hook, which makes the ordinary limit the same everywhere;
- memory is counted by the allocator;
- the processor time of the process is a backstop, read inside Lua by the same hook. Single
  instructions can be slow (joining or comparing strings of megabytes), and no count sees that.

The backstop can only turn a result into an error, never into another result.
"""

import re
from functools import lru_cache
from importlib import import_module
from typing import Any, NoReturn

from armada_render.interpret.lua import source
from armada_render.interpret.lua.host import answer
from armada_render.interpret.lua.prelude import PRELUDE
from armada_render.interpret.values import InterpretError

Lua = Any
"""Something of lupa's, which has no type information."""

Json = Any
"""Plain JSON data."""

INSTRUCTIONS = 20_000_000
"""Virtual machine instructions of one run: a good part of the second that Karmada grants."""

SECONDS = 5
"""Processor time of one run."""

MEMORY = 32 * 1024 * 1024
"""Bytes that one run may hold beyond its arguments."""

MAX_STRING = 1_000_000
"""The longest string that a string function accepts (pkg/util/lifted/lua/string_safe.go)."""

MAX_DEPTH = 256
"""How deep tables of an argument or a result may be nested; `yamlio` reads no deeper."""

_MAX_VALUES = 5000
"""Values on the stack at once; gopher-lua's registry holds about as many."""

_STEP = 250
"""Instructions between two looks at the budget."""

_MAX_PCALLS = 100
"""Nested pcalls; each takes one of the 200 C calls that Lua has, of which the hook needs some."""

_LIMITS = {
    b"instructions": INSTRUCTIONS,
    b"instructions_message": f"the script took more than {INSTRUCTIONS} instructions".encode(),
    b"seconds": SECONDS,
    b"seconds_message": f"the script took more than {SECONDS} s".encode(),
    b"step": _STEP,
    b"string": MAX_STRING,
    b"values": _MAX_VALUES,
    b"pcalls": _MAX_PCALLS,
    b"depth": MAX_DEPTH,
}

_COMPILE = b"""
local text, name = ...
local chunk, reason = load(text, name, "t")
if chunk then return true, string.dump(chunk) end
return false, reason
"""

_LOCATED = re.compile(r"(script|prelude):(\d+): (.*)", re.DOTALL)
_OUT_OF_MEMORY = f"the script needed more than {MEMORY // 1024 // 1024} MiB of memory"


class ScriptError(InterpretError):
    """A script does not compile, failed, or was stopped; the caller adds whose it was."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message, line=line)


def compiled(script: str) -> bytes:
    """Return `script` as bytecode, or raise `ScriptError`."""
    text = script.encode("utf-8", "surrogatepass")
    if problem := source.problem(text):
        raise ScriptError(problem)
    return _bytecode(source.portable(text), b"=script")


@lru_cache(maxsize=256)
def _bytecode(text: bytes, name: bytes) -> bytes:
    ok, result = _runtime().execute(_COMPILE, text, name)
    if not ok:
        raise _error(result)
    return bytes(result)


def call(chunk: bytes, function: str, wanted: int, *arguments: Json) -> tuple[Json, ...]:
    """Run `chunk`, then its `function`; return Lua type and value of each of `wanted` results.

    Tables come back as JSON text (bytes), numbers and booleans as themselves, else None.
    Raises `ScriptError`.
    """
    host = _Host()
    try:
        ok, *results = host.driver()(chunk, function.encode(), wanted, *map(host.pushed, arguments))
    except _lua().LuaError as error:
        # Lua could not even report: no memory left, or an error while handling one.
        raise ScriptError(_OUT_OF_MEMORY if "memory" in str(error) else str(error)) from None
    finally:
        host.close()
    if not ok:
        raise _error(*results)
    return tuple(result.decode() if i % 2 == 0 else result for i, result in enumerate(results))


def _error(message: bytes, line: float = 0) -> ScriptError:
    """Return what Lua says without Lua's prefix.

    A line in the text is nearer than the stack's. A function of ours that a script tail-calls
    (`return kube.f(x)`) sees no script on the stack, so there is no line then.
    """
    text = message.decode("utf-8", "replace")
    if text == "not enough memory":
        return ScriptError(_OUT_OF_MEMORY)
    if located := _LOCATED.fullmatch(text):
        text = located[3]
        line = float(located[2]) if located[1] == "script" else line
    return ScriptError(text, int(line))


class _Host:
    """A Lua state, and all of Python that it holds: three methods, which no script ever sees.

    They take and give plain values, and Lua functions of the prelude stand before them.
    """

    def __init__(self) -> None:
        self._runtime = _runtime()
        self._ceiling = 0

    def close(self) -> None:
        """Let go of the state: it holds our methods, and only now they do not hold it."""
        self._runtime = None

    def driver(self) -> Lua:
        """Return the Lua function that runs a script."""
        return self._runtime.execute(
            _bytecode(PRELUDE, b"=prelude"),
            self._relax,
            self._restrict,
            self._ask,
            self._runtime.table_from(_LIMITS),
        )

    def pushed(self, value: Json) -> Lua:
        """Return `value` as Lua takes it: a Lua table for a collection, bytes for text."""
        plain = _plain(value, 0)
        if isinstance(plain, dict | list):
            return self._runtime.table_from(plain, recursive=True)
        return plain

    def _relax(self) -> None:
        # While Python makes Lua values nothing protects it from a failing allocation.
        self._runtime.set_max_memory(0)

    def _restrict(self) -> None:
        self._ceiling = self._ceiling or self._runtime.get_memory_used() + MEMORY
        self._runtime.set_max_memory(self._ceiling)

    def _ask(self, name: bytes, *arguments: Json) -> tuple[bool, Lua]:
        self._relax()
        try:
            return True, self.pushed(answer(name, *arguments))
        except InterpretError as error:
            return False, str(error).encode("utf-8", "replace")


def _plain(value: Json, depth: int) -> Json:
    """Return a copy of JSON data without nulls, which Lua tables cannot hold, and without sharing.

    An equal object in two places must become two tables: the encoder refuses a shared one.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, dict | list | tuple):
        if depth > MAX_DEPTH:
            raise ScriptError(f"the manifest is nested more than {MAX_DEPTH} deep")
        if not isinstance(value, dict):
            return [_plain(item, depth + 1) for item in value if item is not None]
        copy: dict[bytes, Any] = {}
        for key, item in value.items():
            if item is not None:
                copy[key.encode("utf-8", "surrogatepass")] = _plain(item, depth + 1)
        return copy
    if value is not None and not isinstance(value, bool | int | float):
        # lupa would hand the script a Python object.
        raise TypeError(f"{type(value).__name__} is no JSON data")
    # Lua's only number is a double; larger integers would not fit lupa's.
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _runtime() -> Lua:
    return _lua().LuaRuntime(
        encoding=None,
        register_eval=False,
        register_builtins=False,
        attribute_filter=_deny,
        unpack_returned_tuples=True,
        max_memory=0,
    )


def _deny(_object: object, _name: object, _is_setting: object) -> NoReturn:
    raise AttributeError("Lua has no access to Python objects")


def _lua() -> Lua:
    try:
        # By name, and only when a script runs: lupa is an extra, and not quick to import.
        return import_module("lupa.lua52")
    except ImportError:
        raise ScriptError(
            "a ResourceInterpreterCustomization needs the package lupa: "
            "install armada-render with the extra [lua]"
        ) from None
