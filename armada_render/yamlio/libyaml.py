"""libyaml's event parser, by way of PyYAML, without the rest of PyYAML.

`import yaml` brings every loader and dumper and costs a small run a third of its time, while all we
need is the compiled module. That module only wants its package to be there, so `_LeanPackage`
stands in for it, and becomes the real package as soon as anyone asks it for anything else.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

from armada_render.yamlio.errors import YamlError

Event = Any
"""One of the classes of `yaml.events`."""

GetEvent = Callable[[], Event]


class Mark(Protocol):
    """A place in the text; all three count from 0, `index` in characters."""

    index: int
    line: int
    column: int


class MarkedError(Protocol):
    """What libyaml says of a text that is not YAML: `yaml.error.MarkedYAMLError`."""

    problem: str
    problem_mark: Mark
    context_mark: Mark | None


# Where the compiled module looks up its exception classes when it starts.
_ERRORS = (
    ("reader", "ReaderError", "YAMLError"),
    ("scanner", "ScannerError", "MarkedYAMLError"),
    ("parser", "ParserError", "MarkedYAMLError"),
    ("composer", "ComposerError", "MarkedYAMLError"),
    ("constructor", "ConstructorError", "MarkedYAMLError"),
    ("emitter", "EmitterError", "YAMLError"),
    ("serializer", "SerializerError", "YAMLError"),
    ("representer", "RepresenterError", "YAMLError"),
)
_LIGHT_MODULES = ("error", "events")
# The compiled module takes their classes too, for what nobody here asks of it.
_UNUSED_MODULES = ("tokens", "nodes")


class _LeanPackage(ModuleType):
    """Package `yaml` before its own code has run."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__loader__ = spec.loader
        self.__file__ = spec.origin
        self.__path__ = list(spec.submodule_search_locations or ())
        self.__package__ = spec.name

    def __getattr__(self, name: str) -> object:
        _complete(self)
        found: object = getattr(self, name)
        return found


class _Unused(ModuleType):
    """A module whose classes are all None."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


def _complete(package: ModuleType) -> None:
    """Run the package's own code after all, and have the compiled module raise its exceptions."""
    package.__class__ = ModuleType
    spec = package.__spec__
    if spec is None or spec.loader is None:
        raise ImportError("PyYAML cannot be loaded", name="yaml")
    spec.loader.exec_module(package)
    compiled = sys.modules["yaml._yaml"]
    if compiled.YAMLError is not import_module("yaml.error").YAMLError:
        return  # It has been imported before, with another PyYAML around it.
    for module, error, _ in _ERRORS:
        setattr(compiled, error, getattr(import_module(f"yaml.{module}"), error))
    for module in _UNUSED_MODULES:
        for name, value in vars(import_module(f"yaml.{module}")).items():
            if isinstance(value, type):
                setattr(compiled, name, value)


def _lean_import(spec: ModuleSpec) -> ModuleType:
    package = _LeanPackage(spec)
    sys.modules["yaml"] = package
    for name in _LIGHT_MODULES:
        import_module(f"yaml.{name}")
    bases = sys.modules["yaml.error"]
    for module, error, base in _ERRORS:
        stand_in = type(error, (getattr(bases, base),), {"__module__": f"yaml.{module}"})
        package.__dict__[module] = SimpleNamespace(**{error: stand_in})
    for module in _UNUSED_MODULES:
        package.__dict__[module] = _Unused(module)
    compiled = import_module("yaml._yaml")
    for module in (*(module for module, _, _ in _ERRORS), *_UNUSED_MODULES):
        del package.__dict__[module]
    return compiled


def _compiled() -> ModuleType | None:
    """Return PyYAML's compiled module, None when PyYAML was built without libyaml."""
    spec = None if "yaml" in sys.modules else PathFinder.find_spec("yaml")
    if spec is not None:
        try:
            return _lean_import(spec)
        except (ImportError, AttributeError):
            # A PyYAML that is built differently: let it start in its own way.
            for name in ("", "._yaml", *(f".{module}" for module in _LIGHT_MODULES)):
                sys.modules.pop(f"yaml{name}", None)
    try:
        return import_module("yaml._yaml")
    except ImportError:
        return None


_MODULE: Any = _compiled()
# The classes that the compiled module itself uses: when PyYAML has been imported twice, as coverage
# does, it stays with those of the first time.
_classes: Any = import_module("yaml") if _MODULE is None else _MODULE

YAMLError = _classes.YAMLError
MarkedYAMLError = _classes.MarkedYAMLError if _MODULE is None else _classes.ScannerError.__base__
AliasEvent = _classes.AliasEvent
DocumentEndEvent = _classes.DocumentEndEvent
DocumentStartEvent = _classes.DocumentStartEvent
MappingEndEvent = _classes.MappingEndEvent
MappingStartEvent = _classes.MappingStartEvent
ScalarEvent = _classes.ScalarEvent
SequenceEndEvent = _classes.SequenceEndEvent
SequenceStartEvent = _classes.SequenceStartEvent
StreamEndEvent = _classes.StreamEndEvent


def events(text: str) -> GetEvent:
    """Return a function that returns the next event of `text`, from the start of the stream on."""
    if _MODULE is None:
        raise YamlError(
            "PyYAML was installed without libyaml, which armada-render needs to read YAML; "
            "install one of PyYAML's binary wheels (pip install --only-binary pyyaml pyyaml)",
        )
    get_event: GetEvent = _MODULE.CParser(text).get_event
    return get_event
