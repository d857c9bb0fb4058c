"""One run of `render` that writes a tree."""

from msgspec import Struct

from armada_render.cache import Cache
from armada_render.load import DirectorySource, MemorySource, load
from armada_render.load.source import SourceFile
from armada_render.model.config import CONFIG_NAME, Config, Layout


class Run(Struct, frozen=True, kw_only=True):
    """What is read, where the tree is, and the settings that decide what it holds."""

    cache: Cache
    source: DirectorySource
    inventory: DirectorySource | None
    root: str
    settings: SourceFile | None
    config: Config
    layout: Layout
    strict: bool


def begin(  # noqa: PLR0913 - the whole of a run
    cache: Cache,
    source: DirectorySource,
    inventory: DirectorySource | None,
    root: str,
    *,
    layout: Layout | None,
    strict: bool,
) -> Run:
    """Return the run, with what `armada.yaml` says where the command line says nothing."""
    settings = source.config()
    config = Config()
    if settings is not None:
        config = load(MemorySource({CONFIG_NAME: settings.data})).config
    return Run(
        cache=cache,
        source=source,
        inventory=inventory,
        root=root,
        settings=settings,
        config=config,
        layout=layout or config.output.layout,
        strict=strict or config.strict_inventory,
    )
