"""The options of `controller run` become settings, and none of them shows a password."""

from datetime import timedelta
from pathlib import Path

import pytest

from armada_render.cli import run as command_line
from armada_render.controller import run as controller
from armada_render.controller.settings import Mode, Settings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    found: list[Settings] = []

    def take(settings: Settings, environment: object, out: object) -> None:
        del environment, out
        found.append(settings)

    monkeypatch.setattr(controller, "run", take)
    return found


REPO = ("--repo", "https://git.example.com/fleet.git")


def test_by_default_nothing_is_written(started: list[Settings]) -> None:
    assert command_line(["controller", "run", *REPO]) == 0
    (settings,) = started
    assert settings.dry_run
    assert settings.mode is Mode.COMMIT
    assert settings.limits.failure_threshold == timedelta(seconds=30)
    assert (settings.address, settings.port) == ("0.0.0.0", 8080)
    assert settings.identity
    assert settings.lease_times.renew_within < settings.lease_times.duration


def test_options_reach_their_settings(
    started: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = tmp_path / "password"
    password.write_text("t")
    monkeypatch.setenv("ARMADA_RENDER_GIT_PASSWORD", "hunter2")
    arguments = [
        "--no-dry-run", "--mode", "branch", "--path", "./fleets/a/", "--branch", "live",
        "--git-username", "robot", "--git-password-file", str(password), "--fence-ref", "",
        "--max-unhealthy-share", "0.3", "--failure-threshold", "12", "--listen", ":9090",
        "--argocd-namespace", "gitops", "--lease-duration", "30", "--identity", "pod-a",
        "--state-dir", str(tmp_path / "state"), "--author-name", "Robot",
    ]  # fmt: skip
    assert command_line(["controller", "run", *REPO, *arguments]) == 0
    (settings,) = started
    assert not settings.dry_run
    assert settings.mode is Mode.BRANCH
    assert settings.root == "fleets/a"
    assert settings.remote.branch == "live"
    assert settings.remote.fence == ""
    assert settings.remote.credentials.password == "hunter2"
    assert settings.remote.credentials.password_file == str(password)
    assert settings.remote.author.name == "Robot"
    assert settings.limits.max_unhealthy_share == 0.3
    assert settings.access.argocd_namespace == "gitops"
    assert settings.port == 9090
    assert settings.lease_times.renew_within == 20.0
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--repo", "https://robot:pw@git.example.com/x"), "credentials do not belong into"),
        (("--repo", "https://token@git.example.com/x"), "credentials do not belong into"),
        ((*REPO, "--listen", "nowhere"), "ADDRESS:PORT"),
        ((*REPO, "--path", "../elsewhere"), "must not lead out"),
        ((*REPO, "--author-name", "a <b>"), "plain text"),
        ((*REPO, "--lease-duration", "2"), "at least 3 seconds"),
        ((*REPO, "--max-unhealthy-share", "2"), "0<=x<=1"),
        ((), "Missing option '--repo'"),
    ],
)
def test_what_is_refused(
    arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(["controller", "run", *arguments]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert complaint in err
    assert "pw" not in err


@pytest.mark.parametrize(
    ("url", "code"), [("http://git.example.com/x", 2), ("http://127.0.0.1:1/x", 0)]
)
def test_a_password_is_not_sent_in_clear(
    started: list[Settings], url: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARMADA_RENDER_GIT_PASSWORD", "hunter2")
    assert command_line(["controller", "run", "--repo", url]) == code
    assert len(started) == (code == 0)


@pytest.mark.parametrize("arguments", [("controller", "run", *REPO), ("status", ".")])
def test_a_missing_extra_is_said(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("armada_render.cli.failover_options.find_spec", lambda _: None)
    assert command_line(list(arguments)) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert "pip install 'armada-render[controller]'" in err
