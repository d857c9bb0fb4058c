"""Reading revisions, with real repositories."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from armada_render.errors import Problem, SourceError
from armada_render.load.git import GitSource, Repository, git_source
from armada_render.load.source import DirectorySource, Source

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.com")
    top = tmp_path / "clone"
    top.mkdir()

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(top), *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    run("init", "--quiet", "--initial-branch=main")
    return run


@pytest.fixture
def clone(git: Git, tmp_path: Path) -> Path:
    top = tmp_path / "clone"
    _write(top / "fleet/armada.yaml", "ignore: [skipped/]\n")
    _write(top / "fleet/a/one.yaml", "one: 1\n")
    _write(top / "fleet/b/two.yml", "two: 2\n")
    _write(top / "fleet/skipped/no.yaml", "no\n")
    _write(top / "fleet/notes.txt", "no manifest\n")
    _write(top / "fleet/.github/x.yaml", "hidden\n")
    _write(top / "fleet/.armada/bindings/default/x.yaml", "lock\n")
    _write(top / "elsewhere.yaml", "outside\n")
    git("add", "-A")
    git("commit", "--quiet", "-m", "one")
    return top


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _files(source: Source, problems: list[Problem] | None = None) -> dict[str, bytes]:
    found = source.files(["skipped/"], [] if problems is None else problems)
    return {file.path: file.data for file in found}


def test_a_revision_holds_what_a_directory_holds(clone: Path) -> None:
    source = git_source(str(clone / "fleet"), "HEAD")
    directory = DirectorySource(str(clone / "fleet"))
    assert list(_files(source).items()) == list(_files(directory).items())
    assert list(_files(source)) == [".armada/bindings/default/x.yaml", "a/one.yaml", "b/two.yml"]
    assert source.config() == directory.config()
    assert source.read("a/one.yaml") == b"one: 1\n"


def test_the_work_tree_is_not_looked_at(clone: Path, git: Git) -> None:
    (clone / "fleet/a/one.yaml").write_text("dirty: true\n")
    (clone / "fleet/b/two.yml").unlink()
    _write(clone / "fleet/c/new.yaml", "new\n")
    before = git("status", "--porcelain")
    assert _files(git_source(str(clone / "fleet"), "HEAD"))["a/one.yaml"] == b"one: 1\n"
    assert git("status", "--porcelain") == before


def test_a_folder_that_is_gone_can_be_read_where_it_was(clone: Path, git: Git) -> None:
    git("rm", "-r", "--quiet", "fleet")
    git("commit", "--quiet", "-m", "two")
    assert git_source(str(clone / "fleet"), "HEAD~1").exists
    gone = git_source(str(clone / "fleet"), "main")
    assert not gone.exists
    assert _files(gone) == {}
    assert gone.config() is None


def test_merge_base(clone: Path, git: Git) -> None:
    parted = git("rev-parse", "HEAD")
    git("checkout", "--quiet", "-b", "topic")
    git("commit", "--quiet", "--allow-empty", "-m", "topic")
    git("checkout", "--quiet", "main")
    git("commit", "--quiet", "--allow-empty", "-m", "main goes on")
    assert git_source(str(clone), "merge-base:topic").commit == parted


def test_no_common_commit_is_said(clone: Path, git: Git) -> None:
    git("checkout", "--quiet", "--orphan", "other")
    git("commit", "--quiet", "-m", "another root")
    with pytest.raises(SourceError, match="no common commit"):
        git_source(str(clone), "merge-base:main")


@pytest.mark.parametrize(
    "revision",
    ["nowhere", "--help", "-n1", "--output=x", "", "HEAD:fleet", "a\nb", "merge-base:-h"],
)
def test_what_names_no_commit_is_an_error_and_no_option(clone: Path, revision: str) -> None:
    with pytest.raises(SourceError, match="there is no revision"):
        git_source(str(clone), revision)


def test_outside_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in a Git repository"):
        git_source(str(tmp_path), "HEAD")


def test_links_lead_to_files_below_the_folder_only(clone: Path, git: Git) -> None:
    (clone / "fleet/a/link.yaml").symlink_to("../b/two.yml")
    (clone / "fleet/a/out.yaml").symlink_to("../../elsewhere.yaml")
    (clone / "fleet/a/absolute.yaml").symlink_to("/etc/hostname")
    (clone / "fleet/a/loop.yaml").symlink_to("loop.yaml")
    (clone / "fleet/a/folder.yaml").symlink_to("../b")
    git("add", "-A")
    git("commit", "--quiet", "-m", "links")
    problems: list[Problem] = []
    source = git_source(str(clone / "fleet"), "HEAD")
    found = _files(source, problems)
    assert found["a/link.yaml"] == b"two: 2\n"
    assert source.object_id("a/link.yaml") == git("rev-parse", "HEAD:fleet/b/two.yml")
    assert [str(item.location) for item in problems] == ["a/absolute.yaml", "a/out.yaml"]
    assert not {"a/out.yaml", "a/absolute.yaml", "a/loop.yaml", "a/folder.yaml"} & found.keys()
    with pytest.raises(SourceError, match="not in HEAD"):
        source.read("a/loop.yaml")


def test_submodules_are_named_and_not_read(clone: Path, git: Git) -> None:
    commit = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{commit},fleet/sub.yaml")
    git("commit", "--quiet", "-m", "submodule")
    source = git_source(str(clone / "fleet"), "HEAD")
    assert source.submodules == ("sub.yaml",)
    assert "sub.yaml" not in _files(source)
    assert source.object_id("sub.yaml") == ""


def test_a_hook_of_another_repository_changes_nothing(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "other")], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    assert "a/one.yaml" in _files(git_source(str(clone / "fleet"), "HEAD"))


def test_a_linked_work_tree_reads_its_own_head(clone: Path, git: Git, tmp_path: Path) -> None:
    git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    subprocess.run(
        ["git", "-C", str(tmp_path / "side"), "rm", "-r", "--quiet", "fleet/a"], check=True
    )
    subprocess.run(
        ["git", "-C", str(tmp_path / "side"), "commit", "--quiet", "-m", "less"], check=True
    )
    assert "a/one.yaml" not in _files(git_source(str(tmp_path / "side/fleet"), "HEAD"))
    assert "a/one.yaml" in _files(git_source(str(clone / "fleet"), "HEAD"))


def test_programs_that_the_repository_names_are_not_started(clone: Path, git: Git) -> None:
    trap = clone / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {clone}/caught\n")
    trap.chmod(0o755)
    git("config", "core.fsmonitor", str(trap))
    git("config", "core.hooksPath", str(clone))
    _files(git_source(str(clone / "fleet"), "HEAD"))
    assert not (clone / "caught").exists()


def test_names_that_are_no_utf8_are_problems(clone: Path, git: Git) -> None:
    (clone / "fleet/a/one.yaml").rename(os.fsdecode(os.fsencode(clone / "fleet/a") + b"/\xff.yaml"))
    git("add", "-A")
    git("commit", "--quiet", "-m", "latin")
    problems: list[Problem] = []
    _files(git_source(str(clone / "fleet"), "HEAD"), problems)
    assert [item.message for item in problems] == [
        "the name of the file or of its folder is not UTF-8"
    ]


def test_magic_in_folder_names_is_no_pathspec(clone: Path, git: Git) -> None:
    _write(clone / ":(glob)**/x.yaml", "x\n")
    git("add", "-A")
    git("commit", "--quiet", "-m", "magic")
    assert list(_files(git_source(str(clone / ":(glob)**"), "HEAD"))) == ["x.yaml"]


def test_a_missing_object_is_said(clone: Path, git: Git) -> None:
    blob = git("rev-parse", "HEAD:fleet/a/one.yaml")
    (clone / ".git/objects" / blob[:2] / blob[2:]).unlink()
    source = GitSource(Repository(str(clone)), "HEAD", "fleet")
    with pytest.raises(SourceError, match="cannot be read"):
        source.read("a/one.yaml")


def test_a_missing_folder_object_is_not_taken_for_an_empty_folder(clone: Path, git: Git) -> None:
    tree = git("rev-parse", "HEAD:fleet/a")
    (clone / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        git_source(str(clone / "fleet"), "HEAD")
