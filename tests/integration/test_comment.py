"""`comment` against the APIs of GitHub and GitLab, and what can go wrong with them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from armada_render.cli import run
from armada_render.forge.http import Client
from tests.support.forgehttp import ForgeHttp

HOSTS: tuple[Callable[[ForgeHttp], dict[str, str]], ...] = (ForgeHttp.github, ForgeHttp.gitlab)
TWO = "<!-- armada-render diff: part 1 of 2 -->\na\n<!-- armada-render diff: part 2 of 2 -->\nb\n"
ONE = "<!-- armada-render diff: part 1 of 1 -->\nc\n"


@pytest.fixture(params=HOSTS, ids=["github", "gitlab"])
def forge(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ForgeHttp]:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_EVENT_PATH", "GITHUB_REF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Client.__init__, "__kwdefaults__", {"timeout": 30, "pauses": (0, 0)})
    with ForgeHttp() as forge:
        for name, text in request.param(forge).items():
            monkeypatch.setenv(name, text)
        yield forge


def comment(text: str, *more: str) -> int:
    Path("diff.md").write_text(text)
    return run(["comment", "diff.md", *more])


def marked(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("<!--")]


def test_a_comment_is_posted_renewed_and_removed(
    forge: ForgeHttp, capsys: pytest.CaptureFixture[str]
) -> None:
    other = forge.say("hello", by="somebody")
    forged = forge.say("<!-- armada-render diff: part 1 of 1: diff -->\nmine", by="somebody")
    assert comment(TWO) == 0
    assert [marked(body)[0] for body in forge.bodies] == ["hello", "mine", "a", "b"]
    before = dict(forge.comments)
    assert comment(TWO) == 0
    assert forge.comments == before
    assert comment(ONE) == 0
    assert [marked(body)[0] for body in forge.bodies] == ["hello", "mine", "c"]
    assert list(forge.comments)[2] == list(before)[2]
    assert comment(ONE, "--key", "other/path") == 0
    assert [marked(body)[0] for body in forge.bodies] == ["hello", "mine", "c", "c"]
    assert comment("") == 0
    assert [marked(body)[0] for body in forge.bodies] == ["hello", "mine", "c"]
    assert {other, forged} <= set(forge.comments)
    assert capsys.readouterr().err.splitlines() == [
        "comments: 2 posted, 0 renewed, 0 removed, 0 unchanged",
        "comments: 0 posted, 0 renewed, 0 removed, 2 unchanged",
        "comments: 0 posted, 1 renewed, 1 removed, 0 unchanged",
        "comments: 1 posted, 0 renewed, 0 removed, 0 unchanged",
        "comments: 0 posted, 0 renewed, 1 removed, 0 unchanged",
    ]


def test_comments_of_many_pages_are_found(forge: ForgeHttp) -> None:
    for number in range(250):
        forge.say(f"chat {number}", by="somebody")
    assert comment(ONE) == 0
    assert comment(TWO) == 0
    assert len(forge.comments) == 252


def test_a_dry_run_changes_nothing(forge: ForgeHttp, capsys: pytest.CaptureFixture[str]) -> None:
    assert comment(TWO, "--dry-run") == 0
    assert forge.writes == []
    assert (
        capsys.readouterr().err
        == "comments: 2 posted, 0 renewed, 0 removed, 0 unchanged (dry run)\n"
    )


def test_a_busy_host_is_asked_again(forge: ForgeHttp) -> None:
    forge.faults += [(503, {"Retry-After": "0"}), (429, {})]
    assert comment(ONE) == 0
    forge.faults += [(0, {})]
    assert comment(TWO) == 0
    assert len(forge.comments) == 2


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ([(500, {})] * 3, "GET was answered with 500"),
        ([(404, {})], "may the token write comments?"),
        ([(302, {"Location": "http://127.0.0.1:1/"})], "redirects are not followed"),
        ([(0, {})] * 3, "closed connection without response"),
    ],
)
def test_a_host_that_refuses_is_reported(
    forge: ForgeHttp,
    capsys: pytest.CaptureFixture[str],
    faults: list[tuple[int, dict[str, str]]],
    message: str,
) -> None:
    forge.faults += faults
    assert comment(ONE) == 6
    said = capsys.readouterr().err
    assert message in said
    assert "s3cret" not in said
    assert forge.comments == {}


def test_a_lost_answer_to_a_post_posts_once(forge: ForgeHttp) -> None:
    forge.loses_posts = True
    assert comment(ONE) == 6
    assert forge.writes == ["POST"]
    forge.loses_posts = False
    assert comment(ONE) == 0
    assert len(forge.comments) == 1


def test_a_wrong_token_is_not_told(
    forge: ForgeHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_TOKEN", "ARMADA_RENDER_GITLAB_TOKEN"):
        monkeypatch.setenv(name, "wr0ng")
    assert comment(ONE) == 6
    said = capsys.readouterr().err
    assert "401" in said
    assert "wr0ng" not in said
    for name in ("GITHUB_TOKEN", "ARMADA_RENDER_GITLAB_TOKEN"):
        monkeypatch.delenv(name)
    assert comment(ONE) == 6
    assert "is not set" in capsys.readouterr().err
    assert forge.comments == {}


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeHttp]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    with ForgeHttp() as forge:
        for name, text in forge.github().items():
            monkeypatch.setenv(name, text)
        yield forge


def test_the_token_of_an_action_renews_what_bots_wrote(github: ForgeHttp) -> None:
    github.knows_itself = False
    github.say("<!-- armada-render diff: part 1 of 1: diff -->\nmine", by="somebody")
    assert comment(ONE) == 0
    assert comment(TWO) == 0
    assert [marked(body)[0] for body in github.bodies] == ["mine", "a", "b"]


def test_the_event_names_the_pull_request(
    github: ForgeHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    monkeypatch.setenv("GITHUB_EVENT_PATH", "event.json")
    Path("event.json").write_text(json.dumps({"pull_request": {"number": 3}}))
    assert comment(ONE) == 0
    assert len(github.comments) == 1
    for text in ("{}", "[", '{"pull_request": []}'):
        Path("event.json").write_text(text)
        assert comment(ONE) == 6
        assert "this run is not for a pull request" in capsys.readouterr().err
    Path("event.json").unlink()
    assert comment(ONE) == 6
    assert "event.json cannot be read" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_REF", "refs/pull/3/merge")
    monkeypatch.delenv("GITHUB_EVENT_PATH")
    monkeypatch.setenv("GITHUB_REPOSITORY", "team/../x")
    assert comment(ONE) == 6
    monkeypatch.setenv("GITHUB_API_URL", "file:///etc")
    assert comment(ONE) == 6
    assert "file:///etc is no address of an API" in capsys.readouterr().err


def test_elsewhere_the_host_must_be_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    assert comment(ONE) == 2
    assert "say --on" in capsys.readouterr().err
    monkeypatch.setenv("ARMADA_RENDER_GITLAB_TOKEN", "x")
    assert comment(ONE, "--on", "gitlab") == 6
    assert "this job is not for a merge request" in capsys.readouterr().err
    Path("diff.md").write_bytes(b"\xff")
    assert run(["comment", "diff.md", "--on", "gitlab"]) == 3
    assert "diff.md is no text in UTF-8" in capsys.readouterr().err


def test_answers_that_are_no_json_are_refused(
    github: ForgeHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(github, "answer", lambda *_: (200, b"<html>", {}))
    assert comment(ONE) == 6
    assert "the answer to GET is no JSON" in capsys.readouterr().err
