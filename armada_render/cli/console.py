"""Everything that is said to a person. Standard output carries the product and nothing else."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator

import click

from armada_render.errors import Problem, SourceError, one_line, place_order


class Console:
    """Messages on standard error, in colour on a terminal unless NO_COLOR says otherwise."""

    def __init__(
        self, *, quiet: bool = False, verbose: bool = False, no_color: bool = False
    ) -> None:
        self.is_quiet = quiet
        self.is_verbose = verbose
        plain = no_color or bool(os.environ.get("NO_COLOR"))  # noqa: TID251 - this is an edge
        self._color: bool | None = False if plain else None

    def adjust(self, option: str) -> None:
        """Do what the option `quiet`, `verbose` or `no_color` asks for."""
        if option == "quiet":
            self.is_quiet = True
        elif option == "verbose":
            self.is_verbose = True
        else:
            self._color = False

    def silenced(self) -> "Console":
        """Return a console that prints errors only."""
        return Console(quiet=True, no_color=self._color is False)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print errors, in the order of files and lines."""
        for problem in sorted(problems, key=place_order):
            self._print(problem, "error", "red")

    def warnings(self, problems: Iterable[Problem]) -> None:
        """Print warnings, unless quiet."""
        if not self.is_quiet:
            for problem in sorted(problems, key=place_order):
                self._print(problem, "warning", "yellow")

    def note(self, text: str) -> None:
        """Print a line that tells what was done, unless quiet."""
        if not self.is_quiet:
            click.echo(text, err=True, color=self._color)

    def detail(self, text: str) -> None:
        """Print a line for `--verbose`."""
        if self.is_verbose:
            click.echo(text, err=True, color=self._color)

    def details(self, lines: Iterable[str]) -> None:
        """Print lines for `--verbose`, which are not made up otherwise."""
        if self.is_verbose:
            for line in lines:
                self.detail(printable(line))

    def product(self, text: str) -> None:
        """Print a line of the product; `SourceError` when standard output does not take it."""
        with taken_by_stdout():
            click.echo(text, color=self._color)

    def _print(self, problem: Problem, word: str, colour: str) -> None:
        label = click.style(f"{word}:", fg=colour, bold=True)
        click.echo(f"{label} {printable(str(problem))}", err=True, color=self._color)


@contextlib.contextmanager
def taken_by_stdout() -> Iterator[None]:
    """Raise `SourceError` when standard output refuses what is written within."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        _give_up_stdout()
        raise SourceError(f"standard output cannot be written: {error.strerror}") from error


def _give_up_stdout() -> None:
    """Lead what Python still holds for standard output nowhere: it would try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def printable(text: str) -> str:
    """Return `text` with all control characters but line breaks made visible."""
    return "\n".join(map(one_line, text.split("\n")))


def is_terminal(stream_name: str) -> bool:
    """Tell whether `stdout` or `stderr` is a terminal."""
    stream = getattr(sys, stream_name)
    return stream is not None and bool(stream.isatty())
