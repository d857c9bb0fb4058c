"""Real Git repositories whose commits have the same ids on every machine."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]
"""Runs git in a repository and returns what it prints."""


def pinned(patch: pytest.MonkeyPatch) -> None:
    """Let git depend on nothing around it: no settings of a user, no time."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        patch.delenv(name)
    patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for who in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{who}_NAME", "Jane")
        patch.setenv(f"GIT_{who}_EMAIL", "jane@example.com")
        patch.setenv(f"GIT_{who}_DATE", "2026-01-01T00:00:00Z")


def repository(top: Path, patch: pytest.MonkeyPatch) -> Git:
    """Make an empty repository at `top`, whose commits have the same ids at every time."""
    pinned(patch)
    top.mkdir(parents=True, exist_ok=True)

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(top), *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=main")
    return git


def commit(git: Git, message: str, *paths: str) -> None:
    """Commit everything, or what `paths` select, also when nothing differs."""
    git("add", "--all", *paths)
    git("commit", "--quiet", "--allow-empty", "-m", message)
