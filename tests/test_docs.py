"""Documentation is run: every `console` block prints what the page says, every YAML block loads.

The blocks of a page run one after another in a folder that holds a copy of `examples/`. A line
after `$ ` is a command (`\\` at its end continues it), the lines below are its output, standard
error included. `[exit 3]` as the last line is the exit code; without it the code is 0.

`armada-render` runs in this process, in pipes and after assignments too, but without redirections;
everything else is given to the shell.
"""

import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from armada_render.cli import cli, run
from armada_render.interpret.lua import sandbox, source
from armada_render.yamlio import load_documents
from tests.support.repository import pinned

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNMENT = re.compile(r"[A-Z_]+=", re.ASCII)


class _Outcome(NamedTuple):
    output: str
    code: int

    def __str__(self) -> str:
        text = self.output
        if text and not text.endswith("\n"):
            text += "\n"
        return text + (f"[exit {self.code}]\n" if self.code else "")


def _page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _blocks(page: Path, kind: str) -> list[str]:
    return [block["body"] for block in _BLOCK.finditer(page.read_text()) if block["kind"] == kind]


def _commands(body: str) -> list[str]:
    """Return the commands of a console block, as they are written."""
    commands = []
    for chunk in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, rest = chunk.partition("\n")
        while command.endswith("\\"):
            more, _, rest = rest.partition("\n")
            command = f"{command}\n{more}"
        commands.append(command)
    return commands


def _execute(command: str) -> _Outcome:
    """Run a command, or several joined by pipes, in the working directory."""
    plain = command.replace("\\\n", " ").replace("make demo", _demo())
    screen = BytesIO()
    piped = b""
    code = 0
    stages = plain.split(" | ")
    for number, stage in enumerate(stages, start=1):
        out = screen if number == len(stages) else BytesIO()
        words = shlex.split(stage)
        settings = list(takewhile(_ASSIGNMENT.match, words))
        arguments = words[len(settings) :]
        if arguments[0] == "armada-render":
            code = _armada_render(arguments[1:], settings, piped, out, screen)
        else:
            code = _shell(stage, piped, out, screen)
        piped = out.getvalue()
    return _Outcome(screen.getvalue().decode(), code)


def _armada_render(
    arguments: list[str], settings: list[str], stdin: bytes, out: BytesIO, screen: BytesIO
) -> int:
    """Run the program in this process."""
    # One wrapper where both go to one place, so that lines keep their order.
    stdout = TextIOWrapper(out, write_through=True)
    stderr = stdout if screen is out else TextIOWrapper(screen, write_through=True)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        for setting in settings:
            patch.setenv(*setting.split("=", 1))
        patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin)))
        code = run(arguments)
    for stream in {stdout, stderr}:
        stream.detach()
    return code


def _shell(command: str, stdin: bytes, out: BytesIO, screen: BytesIO) -> int:
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if screen is out else subprocess.PIPE,
        check=False,
        timeout=60,
    )
    out.write(done.stdout)
    screen.write(done.stderr or b"")
    return done.returncode


def _demo() -> str:
    """Return what `make demo` runs once .venv is there."""
    recipe = re.search(
        r"^demo:.*\n(?:\t.*setup\.sh.*\n)\t@\$\(BIN\)/(.*)$",
        (ROOT / "Makefile").read_text(),
        re.MULTILINE,
    )
    assert recipe is not None
    return recipe[1]


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "console")], ids=_page_id)
def test_console_blocks_print_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    pinned(monkeypatch)
    text = page.read_text()
    pieces = []
    done = 0
    for block in _BLOCK.finditer(text):
        if block["kind"] == "console":
            steps = [f"$ {command}\n{_execute(command)}" for command in _commands(block["body"])]
            pieces += [text[done : block.start("body")], "".join(steps).replace("```", "` ` `")]
            done = block.end("body")
    renewed = "".join([*pieces, text[done:]])
    if request.config.getoption("--update-golden"):
        page.write_text(renewed)
    assert renewed.splitlines() == page.read_text().splitlines()


@pytest.mark.parametrize("page", PAGES, ids=_page_id)
def test_yaml_blocks_load_and_are_those_of_the_examples(page: Path) -> None:
    for body in _blocks(page, "yaml"):
        assert load_documents(body)
        first, _, rest = body.partition("\n")
        if first.startswith("# examples/"):
            file = (ROOT / first.removeprefix("# ")).read_text()
            # An excerpt may be indented less than the file.
            indents = [" " * width for width in range(0, 12, 2)]
            lines = rest.rstrip().split("\n")
            assert any("\n".join(indent + line for line in lines) in file for indent in indents), (
                f"{first}:\n{rest}"
            )


def _all_commands(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(name, command)]
    context = click.Context(command)
    found: list[tuple[str, click.Command]] = [(name, command)]
    for child in command.list_commands(context):
        inner = command.get_command(context, child)
        assert inner is not None
        found += _all_commands(inner, f"{name} {child}")
    return found


def test_every_command_and_option_is_documented() -> None:
    documentation = "\n".join(page.read_text() for page in PAGES)
    missing = []
    for name, command in _all_commands(cli, "armada-render"):
        if name not in documentation:
            missing.append(name)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                missing += [
                    f"{name} {opt}"
                    for opt in (*parameter.opts, *parameter.secondary_opts)
                    if f"`{opt}" not in documentation
                ]
    assert missing == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{_page_id(page)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_anchors_of_links_are_headings() -> None:
    broken = []
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
            file = page.parent / target if target else page
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            if anchor not in {_anchor(heading) for heading in headings}:
                broken.append(f"{_page_id(page)}: {target}#{anchor}")
    assert broken == []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [page for page in (ROOT / "docs").glob("*.md") if page.name != "README.md"]
    assert [page.name for page in pages if f"]({page.name})" not in index] == []


def test_every_feature_example_is_shown_on_a_page() -> None:
    documentation = "\n".join(page.read_text() for page in PAGES)
    folders = [path for path in (ROOT / "examples" / "features").iterdir() if path.is_dir()]
    assert [path.name for path in folders if f"features/{path.name}" not in documentation] == []


def test_limits_of_scripts_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "customizations.md").read_text()
    limits = [
        f"{sandbox.INSTRUCTIONS:,} |",
        f"{sandbox.SECONDS} s |",
        f"{sandbox.MEMORY // 2**20} MiB |",
        f"{source.MAX_SOURCE:,} bytes |",
        f"{sandbox.MAX_STRING:,} bytes |",
        f"{sandbox.MAX_DEPTH} |",
    ]
    assert [limit for limit in limits if limit not in page] == []
