"""The Git host of other tests: that it is one, and that its faults are what they say."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.githttp import (
    ENVIRONMENT,
    GitHttp,
    cut,
    first,
    hang,
    is_fetch,
    is_push,
    is_push_itself,
    redirect,
    status,
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHttp]:
    with GitHttp(tmp_path / "served", user="ada", password="s3cret") as server:
        server.create("fleet", {"a.yaml": "a: 1\n", "b/c.yaml": b"c: 2\n"})
        yield server


def git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**ENVIRONMENT, "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def clone(server: GitHttp, folder: Path) -> Path:
    done = git(folder, "clone", "-q", server.url("fleet", userinfo="ada:s3cret"), "clone")
    assert done.returncode == 0, done.stderr
    return folder / "clone"


def push(work: Path) -> "subprocess.CompletedProcess[str]":
    (work / "d.yaml").write_text("d: 3\n")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "ours")
    return git(work, "push", "-q", "origin", "main")


def test_clones_and_pushes_work(server: GitHttp, tmp_path: Path) -> None:
    work = clone(server, tmp_path)
    assert (work / "b" / "c.yaml").read_text() == "c: 2\n"
    assert push(work).returncode == 0
    assert server.files("fleet") == {"a.yaml": "a: 1\n", "b/c.yaml": "c: 2\n", "d.yaml": "d: 3\n"}
    assert server.log("fleet") == ["ours", "change"]
    assert {request.service for request in server.requests} == {
        "git-upload-pack",
        "git-receive-pack",
    }
    assert {request.user for request in server.requests} <= {"", "ada"}


def test_a_wrong_password_is_refused(server: GitHttp, tmp_path: Path) -> None:
    done = git(tmp_path, "clone", "-q", server.url("fleet", userinfo="ada:wrong"))
    assert done.returncode != 0
    assert "Authentication failed" in done.stderr


def test_statuses_are_answered_as_often_as_planned(server: GitHttp, tmp_path: Path) -> None:
    server.fail(status(503, retry_after="1"), when=is_fetch)
    done = git(tmp_path, "clone", "-q", server.url("fleet", userinfo="ada:s3cret"), "one")
    assert "error: 503" in done.stderr
    clone(server, tmp_path)


def test_a_hang_ends_with_the_server(server: GitHttp) -> None:
    server.fail(hang())
    command = ["git", "ls-remote", server.url("fleet")]
    with subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        while not server.requests:
            assert process.poll() is None
        server.heal()
        _, said = process.communicate()
    assert process.returncode != 0
    assert "Empty reply from server" in said


def test_a_redirect_leads_elsewhere(server: GitHttp, tmp_path: Path) -> None:
    server.fail(redirect("http://127.0.0.1:1"))
    done = git(tmp_path, "clone", "-q", server.url("fleet", userinfo="ada:s3cret"), "one")
    assert "127.0.0.1" in done.stderr
    assert "port 1" in done.stderr


def test_an_answer_is_cut(server: GitHttp, tmp_path: Path) -> None:
    server.fail(cut(20), times=0)
    assert git(tmp_path, "clone", "-q", server.url("fleet", userinfo="ada:s3cret")).returncode
    server.heal()
    clone(server, tmp_path)


def test_somebody_else_pushes_first(server: GitHttp, tmp_path: Path) -> None:
    work = clone(server, tmp_path)
    server.fail(first(lambda: server.commit("fleet", {"e.yaml": "e"})), when=is_push_itself)
    done = push(work)
    assert done.returncode != 0
    assert "rejected" in done.stderr
    assert server.files("fleet").keys() == {"a.yaml", "b/c.yaml", "e.yaml"}
    server.commit("fleet", {"e.yaml": None}, branch="other", message="begins on main")
    assert server.log("fleet", "other") == ["begins on main", "change", "change"]
    assert [request for request in server.requests if is_push(request)]
