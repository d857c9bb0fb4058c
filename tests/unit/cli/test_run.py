"""The program as a whole: version, help, exit codes, bugs, and readers that go away."""

import gzip
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from armada_render import cli
from armada_render.cli import run
from armada_render.version import KARMADA_VERSION, __version__
from tests.support.terminal import ROOT, run_on_terminal

# As users have it: Python buffers what goes to a pipe or file.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
ENVIRONMENT.pop("PYTHONUNBUFFERED", None)
PROGRAM = (sys.executable, "-m", "armada_render")


def test_the_version_names_karmadas_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == (
        f"armada-render {__version__} (computes what Karmada {KARMADA_VERSION} does)\n"
    )


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_all_commands(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([flag]) == 0
    out = capsys.readouterr().out
    assert "Karmada without the control plane." in out
    assert [word for word in cli._COMMANDS if f"\n  {word} " not in out] == []


def test_help_of_a_command_names_the_variables(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "--help"]) == 0
    assert "ARMADA_RENDER_OUTPUT_DIR" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Usage: armada-render"),
        (["rendr"], "No such command 'rendr'"),
        (["render"], "Missing argument 'PATH'"),
        (["--colour"], "No such option"),
        (["render", ".", "-o", "xml"], "'xml' is not one of"),
        (["clusters"], "Usage: armada-render clusters"),
    ],
)
def test_wrong_usage_exits_with_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_what_users_should_know_is_printed_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["render", "nowhere"]) == 3
    assert capsys.readouterr().err == (
        "error: nowhere does not exist\n"
        "  hint: give a directory of manifests, a file, or - for standard input\n"
    )


def _failing(error: BaseException) -> SimpleNamespace:
    @click.command(name="schema")
    def command() -> None:
        raise error

    return SimpleNamespace(command=command)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Make the command `schema` one that raises."""
    monkeypatch.setitem(sys.modules, "armada_render.cli.schema", _failing(request.param))


@pytest.mark.parametrize("failing", [ValueError("a slip of ours")], indirect=True)
@pytest.mark.usefixtures("failing")
def test_a_bug_shows_its_traceback_and_asks_for_a_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["schema"]) == 70
    err = capsys.readouterr().err
    assert "ValueError: a slip of ours" in err
    assert "This is a bug in armada-render. Please report it" in err


@pytest.mark.parametrize("failing", [BrokenPipeError()], indirect=True)
@pytest.mark.usefixtures("failing")
def test_a_broken_pipe_is_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # is put back afterwards
    assert run(["schema"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("failing", [KeyboardInterrupt(), click.Abort()], indirect=True)
@pytest.mark.usefixtures("failing")
def test_an_interrupt_exits_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 130
    assert "interrupted: nothing was changed" in capsys.readouterr().err


def test_a_module_without_a_command_is_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(
        sys.modules, "armada_render.cli.schema", SimpleNamespace(command="no command")
    )
    assert run(["schema"]) == 70
    assert "TypeError: schema" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(fleet: Path) -> None:
    big = "".join(f"  k{number}: {'x' * 1000}\n" for number in range(300))
    (fleet / "shop" / "big.yaml").write_text(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big}}\ndata:\n{big}"
    )
    with subprocess.Popen(
        [*PROGRAM, "render", str(fleet)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10) == b"---\n# Clus"
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=30)) == (b"", 0)


@pytest.mark.parametrize(
    "arguments",
    ["render fleet -o stream", "render fleet -o table", "schema", "completion bash"],
)
def test_a_full_disk_behind_standard_output_is_an_error(fleet: Path, arguments: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments.split()],
            cwd=fleet.parent,
            stdout=full,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            check=False,
            text=True,
        )
    assert done.returncode == 6
    assert "standard output cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_colours_are_for_terminals_that_want_them(fleet: Path) -> None:
    (fleet / "shop" / "web.yaml").write_text("a: [")
    arguments = ["render", "fleet"]
    coloured = run_on_terminal(arguments, fleet.parent)
    assert (coloured.code, coloured.stdout) == (3, "")
    assert coloured.stderr.startswith("\x1b[31m\x1b[1merror:\x1b[0m shop/web.yaml:2:1: ")
    for plain in (
        run_on_terminal(["--no-color", *arguments], fleet.parent),
        run_on_terminal(arguments, fleet.parent, environment={"NO_COLOR": "1"}),
        run_on_terminal(arguments, fleet.parent, environment={"ARMADA_RENDER_NO_COLOR": "1"}),
    ):
        assert plain == (
            3,
            "",
            coloured.stderr.replace("\x1b[31m\x1b[1m", "").replace("\x1b[0m", ""),
        )


def test_an_empty_no_color_means_nothing(fleet: Path) -> None:
    (fleet / "shop" / "web.yaml").write_text("a: [")
    said = run_on_terminal(["render", "fleet"], fleet.parent, environment={"NO_COLOR": ""})
    assert "\x1b[31m" in said.stderr


def test_errors_before_a_command_starts_are_plain_when_asked_for(fleet: Path) -> None:
    said = run_on_terminal(["--no-color", "render", "nowhere"], fleet.parent)
    assert said.code == 3
    assert said.stderr.startswith("error: nowhere does not exist")


def test_conformance_files_may_be_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = b'{"id": "a", "objects": [], "expected": {}}\n'
    wrong = b'{"id": "b", "objects": [], "expected": {"unpropagated": ["x"]}}\n'
    (tmp_path / "good.jsonl").write_bytes(case)
    with gzip.open(tmp_path / "longer-name.jsonl.gz", "wb") as packed:
        packed.write(case + wrong * 3)
    files = [str(tmp_path / "good.jsonl"), str(tmp_path / "longer-name.jsonl.gz")]
    assert run(["conformance", "--most", "2", *files]) == 1
    assert capsys.readouterr().out == (
        "good             1 / 1\n"
        "longer-name      1 / 4\n"
        "  b: unpropagated: want ['x'], got []\n"
        "  b: unpropagated: want ['x'], got []\n"
        "all              2 / 5\n"
    )
    assert run(["conformance", files[0]]) == 0


def test_a_long_difference_is_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '{"id": "a", "objects": [], "expected": {"unpropagated": ["%s"]}}' % ("x" * 3000)
    (tmp_path / "a.jsonl").write_text(text)
    assert run(["conformance", str(tmp_path / "a.jsonl")]) == 1
    assert len(capsys.readouterr().out.splitlines()[1]) == 2 + 2000 + 3


@pytest.mark.parametrize(
    ("name", "data", "code", "message"),
    [
        ("a.jsonl", b"{", 3, "a.jsonl:1: not a conformance case"),
        ("a.jsonl", b"[]", 3, "a.jsonl:1: not a conformance case"),
        ("a.jsonl", b'{"id": "a", "objects": []}', 3, "a.jsonl:1: not a conformance case"),
        ("a.jsonl", b'{"id": 1, "objects": [], "expected": {}}', 3, "not a conformance case"),
        ("a.jsonl", b'{"id": "a", "objects": 3, "expected": {}}', 3, "not a conformance case"),
        ("a.jsonl.gz", b"plain", 6, "a.jsonl.gz cannot be read: Not a gzipped file"),
        ("a.jsonl.gz", gzip.compress(b"x" * 99, mtime=0)[:-9], 6, "a.jsonl.gz cannot be read"),
    ],
)
def test_what_is_no_conformance_file_is_an_error(
    name: str,
    data: bytes,
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    assert run(["conformance", name]) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shell", "sign"),
    [
        ("bash", "complete -o nosort -F _armada_render_completion armada-render"),
        ("zsh", "#compdef armada-render"),
        ("fish", "complete --no-files --command armada-render"),
    ],
)
def test_completion_scripts(shell: str, sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert sign in out
    assert "_ARMADA_RENDER_COMPLETE" in out


def test_completion_completes_commands_and_options() -> None:
    def complete(words: str, position: int) -> list[str]:
        done = subprocess.run(
            PROGRAM,
            env={
                **ENVIRONMENT,
                "_ARMADA_RENDER_COMPLETE": "bash_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": str(position),
            },
            capture_output=True,
            check=True,
            text=True,
        )
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert complete("armada-render re", 1) == ["render", "report"]
    assert complete("armada-render render --output", 2) == ["--output", "--output-dir"]
    assert complete("armada-render render -o j", 3) == ["jsonl", "json"]


def test_the_schema_is_a_json_schema_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    out = capsys.readouterr().out
    assert out.startswith('{\n  "$schema": "https://json-schema.org/draft/2020-12/schema",\n')
    assert '"title": "armada.yaml"' in out
    assert out.endswith("}\n")


def test_what_explain_asks_has_variables_of_its_own(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARMADA_RENDER_OUTPUT", "stream")
    monkeypatch.setenv("ARMADA_RENDER_EXPLAIN_OUTPUT", "json")
    assert run(["explain", str(fleet), "deploy/web"]) == 0
    assert capsys.readouterr().out.startswith("{")
