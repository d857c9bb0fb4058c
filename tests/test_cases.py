"""Golden cases: every folder of tests/cases is a small Git tree, a command and what comes of it.

`command` holds the arguments; it runs in a copy of the folder, with `stdin` on its standard input
if there is such a file, beside a copy of `examples/` if it names that. `expected` holds `stdout`,
`stderr`, `exit`, below `tree/` the files of `out/` if the command made it, below `lock/` the
files that `lock` left, and below `acknowledged/` those that `--acknowledge` wrote. A folder `base`
is what `input` held in the last commit of a repository, which on its branch `change` holds `input`
as it is.
"""

import shlex
import shutil
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from armada_render.cli import run
from tests.support.repository import commit, repository

CASES = Path(__file__).parent / "cases"
EXAMPLES = Path(__file__).parent.parent / "examples"


def _outcome(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> dict[str, bytes]:
    """Run the case's command and return what it left, by path below `expected`."""
    command = shlex.split((folder / "command").read_text(), comments=True)
    code = run(command)
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    result = {"exit": f"{code}\n".encode(), "stdout": out, "stderr": err}
    for path in sorted((folder / "out").rglob("*")):
        if path.is_file():
            result[f"tree/{path.relative_to(folder / 'out')}"] = path.read_bytes()
    if command[0] == "lock":
        for path in sorted((folder / "input" / ".armada").rglob("*")):
            if path.is_file():
                result[f"lock/{path.relative_to(folder / 'input' / '.armada')}"] = path.read_bytes()
    if "--acknowledge" in command:
        for path in sorted((folder / "input" / ".armada" / "acknowledged").rglob("*.yaml")):
            result[f"acknowledged/{path.name}"] = path.read_bytes()
    return {name: data for name, data in result.items() if data}


def _commit_base(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `folder` a repository whose commit holds `base` as `input`, and go on from there.

    Another commit, on the branch `change`, holds `input` as it is; without one, it holds nothing.
    """
    git = repository(folder, monkeypatch)
    live, now = folder / "input", folder / "now"
    if live.exists():
        live.rename(now)
    (folder / "base").rename(live)
    commit(git, "base", "input")
    git("checkout", "--quiet", "-b", "change")
    shutil.rmtree(live)
    if now.exists():
        now.rename(live)
    commit(git, "change", "--", ":/input*")
    git("symbolic-ref", "HEAD", "refs/heads/main")
    git("reset", "--quiet")


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_case(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    request: pytest.FixtureRequest,
) -> None:
    case = CASES / name
    folder = tmp_path / name
    shutil.copytree(case, folder, ignore=shutil.ignore_patterns("expected"), symlinks=True)
    if "examples/" in (case / "command").read_text():
        shutil.copytree(EXAMPLES, folder / "examples")
    monkeypatch.chdir(folder)
    if (case / "base").exists():
        _commit_base(folder, monkeypatch)
    if (case / "stdin").exists():
        stdin = TextIOWrapper(BytesIO((case / "stdin").read_bytes()))
        monkeypatch.setattr(sys, "stdin", stdin)

    actual = _outcome(folder, capfdbinary)

    expected = case / "expected"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, data in actual.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(data)
    wanted = {
        str(path.relative_to(expected)): path.read_bytes()
        for path in sorted(expected.rglob("*"))
        if path.is_file()
    }
    assert _text(actual) == _text(wanted)


def _text(files: dict[str, bytes]) -> dict[str, str]:
    return {name: data.decode(errors="replace") for name, data in files.items()}
