"""Imports of click and msgspec without what they load and a run does not use: half of a start.

Stand-ins take the places of such modules for as long as the import lasts. Who imports one of them
later gets the real one, and so do the libraries themselves when they use what is not stood in for.

Only for a process that is our own: msgspec then knows neither `Decimal` nor `UUID`.
"""

import os
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import cast


class _StandIn(ModuleType):
    """A module that has some names at once, and gets the others from the real module."""

    def __init__(self, name: str, names: Mapping[str, object]) -> None:
        super().__init__(name)
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what the import system looks for
            raise AttributeError(name)
        return _real(self.__name__, name)


class _OwnModules:
    """Finds modules of this package, and asks nobody who finds built-in or compiled ones."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del target
        if path is None or not name.startswith("armada_render."):
            return None
        folder = f"{path[0]}/{name.rpartition('.')[2]}"
        for file, below in ((f"{folder}.py", None), (f"{folder}/__init__.py", [folder])):
            if os.path.isfile(file):  # noqa: PTH113
                spec = ModuleSpec(name, SourceFileLoader(name, file), origin=file)
                spec.submodule_search_locations = below
                spec.has_location = True
                return spec
        return None


def find_own_modules() -> None:
    """Find modules of this package faster: there are more than a hundred in a run."""
    sys.meta_path.insert(0, _OwnModules)


def import_click() -> None:
    """Import click without translations, and without what reads source code."""
    if "click" in sys.modules:
        return
    stand_ins: dict[str, dict[str, object]] = {
        "gettext": {"gettext": str, "ngettext": _numbered},
        "inspect": {"cleandoc": _cleaned},
        "uuid": {"UUID": _NoValue},
    }
    with _standing_in(stand_ins):
        import click  # noqa: F401, PLC0415


def import_msgspec() -> None:
    """Import msgspec without what only schemas, TOML and YAML need, and two types of values."""
    if "msgspec" in sys.modules:
        return
    stand_ins: dict[str, dict[str, object]] = {
        "decimal": {"Decimal": _NoValue},
        "msgspec._json_schema": {
            name: _later("msgspec._json_schema", name) for name in ("schema", "schema_components")
        },
        "msgspec.inspect": {},
        "msgspec.toml": {},
        "msgspec.yaml": {},
        "uuid": {"UUID": _NoValue, "SafeUUID": _NoValue},
    }
    with _standing_in(stand_ins, without=("typing_extensions",)):
        import msgspec  # noqa: PLC0415
    for name in stand_ins:
        msgspec.__dict__.pop(name.removeprefix("msgspec."), None)


class _NoValue:
    """A type of which there are no values, or none but what `uuid.SafeUUID` calls unknown."""

    unknown = None


@contextmanager
def _standing_in(
    stand_ins: Mapping[str, Mapping[str, object]], without: Iterable[str] = ()
) -> Iterator[None]:
    """Put stand-ins in the places of modules, and have an import of those in `without` fail."""
    places: dict[str, ModuleType | None] = {
        name: _StandIn(name, names) for name, names in stand_ins.items()
    }
    places.update(dict.fromkeys(without))
    for name in places.keys() & sys.modules.keys():
        del places[name]
    sys.modules.update(cast("dict[str, ModuleType]", places))
    # Types in quotes are compiled to see if they are expressions; the first use of `compile` makes
    # a class of each node of Python's grammar.
    typing.__dict__["compile"] = lambda *_: None
    try:
        yield
    finally:
        del typing.__dict__["compile"]
        for name, stand_in in places.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


def _real(module: str, name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - rare

    if isinstance(sys.modules.get(module), _StandIn):
        del sys.modules[module]
    found: object = getattr(import_module(module), name)
    return found


def _later(module: str, name: str) -> Callable[..., object]:
    def call(*positional: object, **named: object) -> object:
        function = _real(module, name)
        if not callable(function):
            raise TypeError(name)
        result: object = function(*positional, **named)
        return result

    return call


def _numbered(singular: str, plural: str, number: int) -> str:
    return singular if number == 1 else plural


def _cleaned(text: str) -> object:
    if "\n" in text or "\t" in text:
        return _later("inspect", "cleandoc")(text)
    return text.lstrip()
