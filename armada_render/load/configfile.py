"""Decode `armada.yaml`, and say what is wrong with it."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from armada_render.errors import Problem, SourceLocation, one_line
from armada_render.model import configfile
from armada_render.model.config import CONFIG_NAME, Config
from armada_render.model.decode import decode, format_path
from armada_render.model.requirement import is_requirement, satisfies
from armada_render.version import __version__
from armada_render.yamlio import Document


def parsed(documents: Sequence[Document], problems: list[Problem]) -> Config:
    """Return what the documents of the file say, the defaults where they cannot be used."""
    location = SourceLocation(CONFIG_NAME, 1)
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        problems.append(
            Problem(message="must hold one mapping", location=location, hint="see docs/config.md")
        )
        return Config()
    decoded = decode(documents[0].value, configfile.Config)
    problems.extend(
        Problem(
            message=problem.message,
            location=replace(location, line=documents[0].line),
            field=format_path(problem.path),
            hint=problem.hint,
        )
        for problem in decoded.problems
    )
    config = decoded.value or Config()
    problems.extend(_setting_problems(config, location))
    return config


def _setting_problems(config: Config, location: SourceLocation) -> Iterator[Problem]:
    """Yield what is wrong with settings, beside their types."""
    for index, entry in enumerate(config.retire):
        field = f"retire[{index}]"
        if not (entry.cluster or entry.app):
            yield Problem(
                message="must name a cluster, an app, or both", location=location, field=field
            )
        if not entry.app.isprintable() or {".", ".."} & set(entry.app.split("/")):
            yield Problem(message="not the name of an app", location=location, field=f"{field}.app")
    if config.requires and not is_requirement(config.requires):
        yield Problem(
            message="not conditions on a version",
            location=location,
            field="requires",
            hint='write ">=0.2, <0.3"',
        )
    elif config.requires and not satisfies(__version__, config.requires):
        yield Problem(
            message=f"this is armada-render {__version__}, and not {one_line(config.requires)}",
            location=location,
            field="requires",
            hint="use a version that fits; before you widen it, compare what both versions render",
        )
