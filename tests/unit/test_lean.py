"""Lean imports: what they leave out, and that nobody misses it; each by a Python of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _lines(program: str, code: int = 0) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout.splitlines()


def test_click_comes_without_what_it_does_not_use() -> None:
    program = """
import sys
from armada_render import lean
lean.import_click()
print({"ast", "gettext", "inspect", "locale", "uuid"} & sys.modules.keys())
import click
print(click.core.inspect.cleandoc("  one line "))
print("inspect" in sys.modules)
print(click.core.inspect.cleandoc("first\\n    second"))
print(click.core.inspect.isfunction(len), "inspect" in sys.modules)
print([click.core.ngettext("option", "options", number) for number in (1, 2)])
print(hasattr(click.core.inspect, "__wrapped__"))
import uuid
print(uuid.UUID(int=1))
"""
    assert _lines(program) == [
        "set()",
        "one line ",
        "False",
        "first",
        "second",
        "False True",
        "['option', 'options']",
        "False",
        "00000000-0000-0000-0000-000000000001",
    ]


def test_msgspec_comes_without_what_it_does_not_use() -> None:
    program = """
import sys
from armada_render import lean
lean.import_msgspec()
late = {"decimal", "msgspec.inspect", "msgspec.toml", "platform", "textwrap",
        "typing_extensions", "uuid"}
print(late & sys.modules.keys())
import msgspec
class Pair(msgspec.Struct):
    left: "int"
    right: str | None = None
print(msgspec.convert({"left": 1}, Pair))
print(msgspec.json.schema(int))
from msgspec import inspect
print(inspect.type_info(int) == inspect.IntType())
from decimal import Decimal
print(Decimal("1.5") + 1)
"""
    assert _lines(program) == [
        "set()",
        "Pair(left=1, right=None)",
        "{'type': 'integer'}",
        "True",
        "2.5",
    ]


def test_what_is_loaded_already_is_used_as_it_is() -> None:
    program = """
import click, inspect, msgspec, sys
from armada_render import lean
before = dict(sys.modules)
lean.import_click()
lean.import_msgspec()
print(sys.modules == before, click.core.inspect is inspect)
del sys.modules["click"]
lean.import_click()
print(sys.modules["inspect"] is inspect)
"""
    assert _lines(program) == ["True True", "True"]


_MAIN = """
import sys
from armada_render.__main__ import main
sys.argv[1:] = ["--version"]
"""


def test_the_program_waits_for_whoever_has_something_left_to_do() -> None:
    registered = 'import atexit\natexit.register(print, "last words")\nmain()'
    assert _lines(_MAIN + registered)[1:] == ["last words"]
    running = """
import threading, time
threading.Thread(target=lambda: (time.sleep(0.2), print("last words"))).start()
main()
"""
    assert _lines(_MAIN + running)[1:] == ["last words"]


def test_what_was_printed_arrives() -> None:
    assert _lines(_MAIN + 'print("first words")\nmain()')[0] == "first words"
    assert _lines(_MAIN + "sys.argv[1:] = ['render']\nsys.stderr = sys.stdout\nmain()", 2)


def test_own_modules_are_found_as_they_always_are() -> None:
    program = """
import sys
from armada_render import lean
from importlib import import_module, resources
from importlib.machinery import PathFinder
lean.find_own_modules()
import armada_render
for name in ("lint", "version", "yamlio.errors"):
    module = import_module(f"armada_render.{name}")
    path = sys.modules[module.__name__.rpartition(".")[0]].__path__
    wanted, found = PathFinder.find_spec(module.__name__, path), module.__spec__
    same = ("name", "origin", "cached", "has_location", "submodule_search_locations")
    print([part for part in same if getattr(wanted, part) != getattr(found, part)])
print(resources.files("armada_render.lint").joinpath("__init__.py").is_file())
for name in ("armada_render.nothing", "armada_render.version.nothing", "nothing"):
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        print(error)
"""
    assert _lines(program) == [
        "[]",
        "[]",
        "[]",
        "True",
        "No module named 'armada_render.nothing'",
        "No module named 'armada_render.version.nothing'; 'armada_render.version' is not a package",
        "No module named 'nothing'",
    ]


def test_a_closed_output_is_no_bug() -> None:
    assert _lines(_MAIN + "sys.argv[1:] = ['cmp', '--help']\nsys.stderr.close()\nmain()")
