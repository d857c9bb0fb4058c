import subprocess
from pathlib import Path

import pytest

from armada_render.cli import run
from armada_render.errors import InputError
from armada_render.load.origin import revision_inventory, revision_source
from armada_render.load.source import DirectorySource, Source
from tests.support.githttp import ENVIRONMENT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    (folder / "apps").mkdir(parents=True)
    (folder / "clusters").mkdir()
    (folder / "apps" / "a.yaml").write_text("a: 1\n")
    (folder / "clusters" / "b.yaml").write_text("b: 1\n")
    for arguments in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True)
    (folder / "apps" / "a.yaml").write_text("a: 2\n")
    (folder / "clusters" / "b.yaml").write_text("b: 2\n")
    return folder


def read(source: Source) -> dict[str, bytes]:
    return {file.path: file.data for file in source.files((), [])}


def test_a_revision_is_read_whatever_the_disk_holds(root: Path) -> None:
    assert read(revision_source(str(root / "apps"), "main")) == {"a.yaml": b"a: 1\n"}
    for path in (root / "apps" / "a.yaml", root / "apps"):
        one = revision_source(str(root / "apps" / "a.yaml"), "main")
        assert read(one) == {"a.yaml": b"a: 1\n"}
        if path.is_file():
            path.unlink()
        else:
            path.rmdir()
    assert read(revision_source(str(root / "apps") + "/", "main")) == {"a.yaml": b"a: 1\n"}


def test_what_a_revision_does_not_have(root: Path) -> None:
    with pytest.raises(
        InputError, match=r"there is nothing at .*/new in revision main\n  hint: it w"
    ):
        revision_source(str(root / "new"), "main")


def test_an_inventory_of_the_same_repository_is_of_the_same_revision(
    root: Path, tmp_path: Path
) -> None:
    clusters, apps = str(root / "clusters"), str(root / "apps")
    assert read(revision_inventory(apps, clusters, "main")) == {"b.yaml": b"b: 1\n"}
    assert read(revision_inventory(apps, clusters)) == {"b.yaml": b"b: 2\n"}
    apart = tmp_path / "apart"
    apart.mkdir()
    assert isinstance(revision_inventory(apps, str(apart), "main"), DirectorySource)
    remote = f"file://{root}//clusters"
    assert read(revision_inventory(apps, remote, "main")) == {"b.yaml": b"b: 1\n"}
    assert read(revision_inventory("https://h/r.git", clusters)) == {"b.yaml": b"b: 2\n"}


def test_standard_input_has_no_revisions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "-", "--ref", "main"]) == 2
    assert "standard input has no revisions" in capsys.readouterr().err
