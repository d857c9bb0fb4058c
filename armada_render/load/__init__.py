"""Stage 1: a Git path becomes a `Fleet`. The only stage that reads files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from armada_render.errors import Problem, SourceLocation
from armada_render.load.documents import Found, fleet
from armada_render.load.frozen import frozen_copy, is_frozen
from armada_render.load.lockfile import is_in_lock, with_lock_hint
from armada_render.load.pinpoint import Pinpointer, pinpoint
from armada_render.load.source import (
    FREEZE,
    DirectorySource,
    MemorySource,
    Source,
    SourceFile,
    StreamSource,
    compile_globs,
)
from armada_render.model.config import CONFIG_NAME, Config
from armada_render.model.fleet import Fleet
from armada_render.model.frozen import CopyKey, FrozenCopy
from armada_render.yamlio import Document, YamlError, gojson, load_documents

__all__ = [
    "INVENTORY",
    "DirectorySource",
    "Loaded",
    "MemorySource",
    "Pinpointer",
    "Reader",
    "Source",
    "StreamSource",
    "compile_globs",
    "from_objects",
    "load",
    "pinpoint",
    "settings",
]

INVENTORY = "--clusters/"
"""What paths of files of the inventory begin with; those of the source have nothing before them."""
ROOT_APP = "default"
"""The app of objects in files that stand directly in the root."""

Reader = Callable[[bytes], list[Document]]
"""What turns the bytes of a file into documents, as `load_documents` does."""

_CONFLICT_MARKS = (b"<<<<<<< ", b">>>>>>> ")


class Loaded(Struct, frozen=True, eq=False):
    """A fleet, the settings it was read with, and the SHA-256 of each input file by path."""

    fleet: Fleet
    config: Config
    digests: Mapping[str, str]

    def heeded(self, warnings: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return warnings without those whose rule the settings of `lint` ignore."""
        lint = self.config.lint
        if lint is None or not lint.rules:
            return tuple(warnings)
        from armada_render.model.lint import RuleLevel  # noqa: PLC0415 - only with settings

        rules = lint.rules
        return tuple(one for one in warnings if rules.get(one.rule) is not RuleLevel.IGNORE)

    def ignores(self, path: str) -> bool:
        """Tell whether the settings leave `path`, relative to the root, out."""
        return compile_globs(self.config.ignore)(path)


def load(
    source: Source,
    inventory: Source | None = None,
    *,
    digest: Callable[[bytes], str] = lambda _: "",
    read: Reader = load_documents,
    on_file: Callable[[str], None] = lambda _: None,
) -> Loaded:
    """Read a source, and clusters from `inventory` if it is given.

    `digest` hashes each file read, `read` parses it (a cache may), `on_file` hears of each;
    problems are part of the fleet.
    """
    problems: list[Problem] = []
    told = source.config()
    config = Config() if told is None else _config(told, problems)
    digests = {} if told is None else {told.path: digest(told.data)}
    found: list[Found] = []
    frozen: dict[CopyKey, FrozenCopy] = {}
    freeze: str | None = None
    for where, prefix, ignore in ((source, "", config.ignore), (inventory, INVENTORY, ())):
        if where is None:
            continue
        unread: list[Problem] = []
        for file in where.files(ignore, unread):
            on_file(file.path)
            digests[prefix + file.path] = digest(file.data)
            if not prefix and file.path == FREEZE:
                freeze = _reason(file.data)
                continue
            if not prefix and is_frozen(file.path):
                copy = _frozen(file, problems)
                if copy is not None:
                    frozen[copy.key] = copy
                continue
            found.extend(
                _objects(SourceFile(prefix + file.path, file.data), prefix, problems, read)
            )
        problems.extend(_below(prefix, problem) for problem in unread)
    decoded = replace(fleet(found, config, problems), frozen=frozen, freeze=freeze)
    if decoded.problems:
        decoded = replace(decoded, problems=tuple(map(with_lock_hint, decoded.problems)))
    return Loaded(decoded, config, digests)


def _below(prefix: str, problem: Problem) -> Problem:
    location = problem.location
    if location is None or not prefix:
        return problem
    return replace(problem, location=replace(location, path=prefix + location.path))


def from_objects(objects: Iterable[Mapping[str, Any]], config: Config | None = None) -> Fleet:
    """Decode plain Kubernetes objects, as an API server would list them, into a `Fleet`."""
    problems: list[Problem] = []
    found: list[Found] = []
    for number, manifest in enumerate(objects):
        try:
            plain = gojson.normalize(manifest)
        except ValueError as error:
            location = SourceLocation(f"[{number}]")
            problems.append(Problem(message=f"not JSON data: {error}", location=location))
        else:
            found.extend(Found(item, ROOT_APP) for item, _ in _unfolded(plain, ()))
    return fleet(found, config or Config(), problems)


def settings(source: Source) -> Config:
    """Return what `armada.yaml` says; what is wrong with it is told when everything is loaded."""
    file = source.config()
    return Config() if file is None else _config(file, [])


def _config(file: SourceFile, problems: list[Problem]) -> Config:
    from armada_render.load.configfile import parsed  # noqa: PLC0415 - many paths have none

    try:
        documents = load_documents(file.data)
    except YamlError as error:
        problems.append(_broken(CONFIG_NAME, error))
        return Config()
    return parsed(documents, problems)


def _reason(data: bytes) -> str:
    """Return the first line of the freeze file that says something, "" when none does."""
    lines = data.decode(errors="replace").splitlines()
    return next((line.strip() for line in lines if line.strip()), "")


def _frozen(file: SourceFile, problems: list[Problem]) -> FrozenCopy | None:
    try:
        documents = load_documents(file.data)
    except YamlError as error:
        problems.append(_unfinished_merge(file) or _broken(file.path, error))
        return None
    return frozen_copy(file.path, documents, problems)


def _objects(
    file: SourceFile, prefix: str, problems: list[Problem], read: Reader
) -> Iterator[Found]:
    try:
        documents = read(file.data)
    except YamlError as error:
        problems.append(_unfinished_merge(file) or _broken(file.path, error))
        return
    if not documents and is_in_lock(file.path):
        problems.append(Problem(message="the file is empty", location=SourceLocation(file.path, 1)))
    first, slash, _ = file.path.removeprefix(prefix).partition("/")
    app = first if slash else ROOT_APP
    for document in documents:
        for manifest, within in _unfolded(document.value, ()):
            location = SourceLocation(file.path, document.line, 0, within)
            yield Found(manifest, app, location)


def _unfolded(
    manifest: Any,  # noqa: ANN401 - a YAML document is anything
    within: tuple[str | int, ...],
) -> Iterator[tuple[Any, tuple[str | int, ...]]]:
    """Yield the object, or the items of a `List` kind, each with its place in the document."""
    if isinstance(manifest, dict):
        kind, items = manifest.get("kind"), manifest.get("items")
        if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
            for index, item in enumerate(items):
                yield from _unfolded(_with_type(item, manifest), (*within, "items", index))
            return
    yield manifest, within


def _with_type(item: object, parent: Mapping[str, Any]) -> object:
    """Return an item of a typed list (`DeploymentList`), which an API server gives without a type.

    k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go, decodeToList.
    """
    kind = parent["kind"].removesuffix("List")
    if not kind or not isinstance(item, dict) or "kind" in item or "apiVersion" in item:
        return item
    return {"apiVersion": parent.get("apiVersion"), "kind": kind, **item}


def _broken(path: str, error: YamlError) -> Problem:
    return Problem(
        message=error.message,
        location=SourceLocation(path, error.line, error.column),
        hint=f"mend the file, or list it under ignore in {CONFIG_NAME}",
    )


def _unfinished_merge(file: SourceFile) -> Problem | None:
    """Return the problem of a file that Git left conflict markers in, which is no YAML then."""
    lines = file.data.split(b"\n")
    marks = [number for number, line in enumerate(lines, 1) if line.startswith(_CONFLICT_MARKS)]
    if not marks:
        return None
    return Problem(
        message="a conflict marker of Git: the merge is not finished",
        location=SourceLocation(file.path, marks[0], 1),
        hint="resolve the conflict",
    )
