"""The clone, the commit and the push, against real repositories and a real Git server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from armada_render.controller.gitcommand import Credentials, GitConflictError, GitError
from armada_render.controller.repository import FENCE, Clone, Remote
from tests.support.fleetrepo import BareRepository, git
from tests.support.githttp import GitHttp, cut, first, hang, is_push_itself, status

FILES = {"a.yaml": b"a: 1\n", "clusters/one.yaml": b"one: 1\n"}
WHEN = 1_700_000_000
PASSWORD = "s3cr3t-tok3n-of-the-robot"
ROBOT = Credentials(username="robot", password=PASSWORD)


@pytest.fixture
def bare(tmp_path: Path) -> BareRepository:
    return BareRepository(tmp_path, FILES)


def _clone(
    folder: Path, url: object, *, credentials: Credentials | None = None, **more: object
) -> Clone:
    remote = Remote(
        url=str(url), branch="main", credentials=credentials or Credentials(), **more,  # type: ignore[arg-type]  # few fields
    )  # fmt: skip
    return Clone(folder, remote, os.environ)


def test_a_commit_holds_what_was_asked_for_and_nothing_else(
    bare: BareRepository, tmp_path: Path
) -> None:
    clone = _clone(tmp_path / "own", bare.path)
    head = clone.fetch()
    odd = 'odd "name"\\ with\nall.yaml'

    commit = clone.commit(head, {"b.yaml": b"b: 2\n", "a.yaml": None, odd: b""}, "Why\n", WHEN)
    clone.push(commit, head)

    assert head == git(bare.path, "rev-parse", f"{bare.head}^")
    assert git(bare.path, "ls-tree", "-r", "-z", "--name-only", "main").split("\0")[:-1] == [
        "b.yaml",
        "clusters/one.yaml",
        odd,
    ]
    assert bare.message() == "Why"
    assert git(bare.path, "log", "-1", "--format=%an %ae %ct") == (
        f"armada-render controller armada-render@localhost {WHEN}"
    )


def test_what_is_there_already_makes_no_commit(bare: BareRepository, tmp_path: Path) -> None:
    clone = _clone(tmp_path / "own", bare.path)
    head = clone.fetch()
    assert clone.commit(head, FILES, "Nothing new", WHEN) == head


def test_a_push_is_refused_when_the_branch_moved_and_goes_through_on_the_new_head(
    bare: BareRepository, tmp_path: Path
) -> None:
    clone = _clone(tmp_path / "own", bare.path)
    head = clone.fetch()
    commit = clone.commit(head, {"a.yaml": b"a: 2\n"}, "Ours", WHEN)
    theirs = bare.commit("Theirs", {"c.yaml": b"c: 3\n"})

    with pytest.raises(GitConflictError):
        clone.push(commit, head)

    assert bare.head == theirs
    assert clone.fetch() == theirs
    clone.push(clone.commit(theirs, {"a.yaml": b"a: 2\n"}, "Ours", WHEN), theirs)
    assert bare.log == ["Ours", "Theirs", "The fleet"]


def test_a_head_that_was_forced_elsewhere_is_followed(bare: BareRepository, tmp_path: Path) -> None:
    clone = _clone(tmp_path / "own", bare.path)
    old = bare.commit("Second", {"a.yaml": b"a: 2\n"})
    clone.fetch()
    git(bare.clone, "reset", "--quiet", "--hard", f"{old}^")
    (bare.clone / "a.yaml").write_bytes(b"a: 3\n")
    git(bare.clone, "commit", "--quiet", "-am", "Another second")
    git(bare.clone, "push", "--quiet", "--force", "origin", "main")

    assert clone.fetch() == bare.head != old
    assert clone.source(bare.head, "").read("a.yaml") == b"a: 3\n"
    with pytest.raises(GitConflictError):
        clone.push(clone.commit(old, {"a.yaml": b"a: 4\n"}, "Late", WHEN), old)


def test_a_leader_that_was_replaced_cannot_push_even_on_an_unmoved_branch(
    bare: BareRepository, tmp_path: Path
) -> None:
    before, after = (_clone(tmp_path / name, bare.path) for name in ("before", "after"))
    head = before.fetch()
    before.claim(1, "before")
    late = before.commit(head, {"a.yaml": b"a: late\n"}, "Late", WHEN)
    after.claim(2, "after")

    with pytest.raises(GitConflictError):
        before.push(late, head)

    assert bare.head == head
    after.fetch()
    after.push(after.commit(head, {"a.yaml": b"a: 2\n"}, "In time", WHEN), head)
    with pytest.raises(GitConflictError):
        before.push(late, head)
    assert bare.log == ["In time", "The fleet"]
    fence = git(bare.path, "log", "--format=%B", "-1", FENCE)
    assert fence.startswith(f"moved to {bare.head}")


def test_without_a_fence_only_the_branch_is_pushed(bare: BareRepository, tmp_path: Path) -> None:
    clone = _clone(tmp_path / "own", bare.path, fence="")
    head = clone.fetch()
    clone.claim(1, "one")
    clone.push(clone.commit(head, {"a.yaml": b"a: 2\n"}, "One", WHEN), head)
    assert git(bare.path, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_a_symbolic_link_is_not_written_through(bare: BareRepository, tmp_path: Path) -> None:
    (bare.clone / "link.yaml").symlink_to("a.yaml")
    head = bare.commit("A link", {})
    clone = _clone(tmp_path / "own", bare.path)
    clone.fetch()
    with pytest.raises(GitError, match=r"link\.yaml is a symbolic link"):
        clone.commit(head, {"link.yaml": b""}, "Through", WHEN)


def test_a_branch_that_is_not_there_is_said(bare: BareRepository, tmp_path: Path) -> None:
    clone = Clone(tmp_path / "own", Remote(url=str(bare.path), branch="none"), os.environ)
    with pytest.raises(GitError, match="refs/heads/none"):
        clone.fetch()


@pytest.fixture
def server(bare: BareRepository) -> Iterator[GitHttp]:
    with GitHttp(bare.path.parent, user="robot", password=PASSWORD) as running:
        yield running


def test_credentials_come_from_files_and_show_nowhere(
    bare: BareRepository, server: GitHttp, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("not the right one\n")
    credentials = Credentials(username="robot", password_file=str(password))
    clone = _clone(tmp_path / "own", server.url("fleet"), credentials=credentials)
    with pytest.raises(GitError) as refused:
        clone.fetch()
    password.write_text(PASSWORD + "\n")  # as a Secret that is renewed under the process
    head = clone.fetch()
    clone.push(clone.commit(head, {"a.yaml": b"a: 2\n"}, "Over HTTP", WHEN), head)

    assert "not the right one" not in str(refused.value)
    assert bare.log == ["Over HTTP", "The fleet"]
    assert PASSWORD not in repr(credentials)
    texts = [file.read_bytes() for file in (tmp_path / "own").rglob("*") if file.is_file()]
    assert not any(PASSWORD.encode() in text for text in texts)


def test_a_password_in_what_git_says_is_taken_out(bare: BareRepository, tmp_path: Path) -> None:
    clone = _clone(tmp_path / "own", bare.path, credentials=ROBOT)
    assert clone._git.redacted(f"fatal: {PASSWORD} is wrong\n") == "fatal: [redacted] is wrong"


@pytest.mark.parametrize("code", [401, 403, 500, 503])
def test_a_server_that_refuses_is_an_error_and_no_conflict(
    bare: BareRepository, server: GitHttp, tmp_path: Path, code: int
) -> None:
    clone = _clone(tmp_path / "own", server.url("fleet"), credentials=ROBOT)
    head = clone.fetch()
    commit = clone.commit(head, {"a.yaml": b"a: 2\n"}, "Refused", WHEN)
    server.fail(status(code), when=is_push_itself, times=0)
    with pytest.raises(GitError) as refused:
        clone.push(commit, head)
    assert not isinstance(refused.value, GitConflictError)
    assert bare.head == head
    server.heal()
    clone.push(commit, head)
    assert bare.head == commit


def test_somebody_who_pushes_in_the_middle_of_a_push_wins(
    bare: BareRepository, server: GitHttp, tmp_path: Path
) -> None:
    clone = _clone(tmp_path / "own", server.url("fleet"), credentials=ROBOT)
    head = clone.fetch()
    commit = clone.commit(head, {"a.yaml": b"a: 2\n"}, "Ours", WHEN)
    server.fail(first(lambda: bare.commit("Theirs", {"b.yaml": b"b: 1\n"})), when=is_push_itself)
    with pytest.raises(GitConflictError):
        clone.push(commit, head)
    assert bare.log == ["Theirs", "The fleet"]


def test_an_answer_that_is_cut_off_is_an_error(
    bare: BareRepository, server: GitHttp, tmp_path: Path
) -> None:
    clone = _clone(tmp_path / "own", server.url("fleet"), credentials=ROBOT)
    head = clone.fetch()
    commit = clone.commit(head, {"a.yaml": b"a: 2\n"}, "Cut off", WHEN)
    server.fail(cut(20), when=is_push_itself)
    with pytest.raises(GitError):
        clone.push(commit, head)
    # Whether it went through is not known here; the head says it.
    assert clone.fetch() == bare.head == commit


def test_a_server_that_hangs_is_given_up(
    bare: BareRepository, server: GitHttp, tmp_path: Path
) -> None:
    server.fail(hang(), times=0)
    clone = _clone(tmp_path / "own", server.url("fleet"), timeout=1.0)
    with pytest.raises(GitError, match="no end after 1 s"):
        clone.fetch()
    assert bare.log == ["The fleet"]


def test_a_process_that_stops_does_not_wait_for_git(server: GitHttp, tmp_path: Path) -> None:
    server.fail(hang(), times=0)
    remote = Remote(url=server.url("fleet"), branch="main")
    clone = Clone(tmp_path / "own", remote, os.environ, lambda: True)
    with pytest.raises(GitError, match="this process stops"):
        clone.fetch()


def test_a_hostile_repository_runs_nothing(bare: BareRepository, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hook = tmp_path / "own" / "repository.git" / "hooks" / "reference-transaction"
    clone = _clone(tmp_path / "own", bare.path)
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    (bare.clone / ".gitattributes").write_text("* filter=evil diff=evil\n")
    bare.commit("Filters", {})
    head = clone.fetch()
    commit = clone.commit(head, {"a.yaml": b"a: 2\n"}, "Quiet", WHEN)
    assert "+a: 2" in clone.difference(head, commit, "a.yaml")
    assert not mark.exists()
