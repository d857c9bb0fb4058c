"""A bare repository that a fleet is pushed to, and a person's clone of it."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_PLAIN = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "A Person",
    "GIT_AUTHOR_EMAIL": "person@example.com",
    "GIT_COMMITTER_NAME": "A Person",
    "GIT_COMMITTER_EMAIL": "person@example.com",
}


def git(folder: Path, *arguments: str, given: str | None = None) -> str:
    """Run git as a person would, without anybody's settings; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**environment, **_PLAIN},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


class BareRepository:
    """A repository that is pushed to, and a person's clone of it."""

    def __init__(self, folder: Path, files: Mapping[str, bytes]) -> None:
        served = folder / "served"  # what tests/support/githttp.py may serve
        served.mkdir(parents=True)
        self.path = served / "fleet.git"
        self.clone = folder / "person"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.path))
        git(self.path, "config", "http.receivepack", "true")
        git(folder, "clone", "--quiet", str(self.path), str(self.clone))
        git(self.clone, "checkout", "--quiet", "-B", "main")
        self.commit("The fleet", files)

    @property
    def head(self) -> str:
        return git(self.path, "rev-parse", "refs/heads/main")

    @property
    def log(self) -> list[str]:
        """Subjects of all commits, newest first."""
        return git(self.path, "log", "--format=%s", "main").splitlines()

    def message(self, revision: str = "main") -> str:
        return git(self.path, "log", "-1", "--format=%B", revision)

    def read(self, path: str, revision: str = "main") -> str:
        return git(self.path, "show", f"{revision}:{path}")

    def paths(self, revision: str = "main") -> list[str]:
        return git(self.path, "ls-tree", "-r", "--name-only", revision).splitlines()

    def commit(self, message: str, files: Mapping[str, bytes | None]) -> str:
        """Commit as a person, on top of whatever is there, and push."""
        self.prepare(message, files)
        git(self.clone, "push", "--quiet", "origin", "main")
        return self.head

    def prepare(self, message: str, files: Mapping[str, bytes | None]) -> None:
        """Commit as a person without a push."""
        if git(self.path, "for-each-ref", "refs/heads/main"):
            git(self.clone, "fetch", "--quiet", "origin", "main")
            git(self.clone, "reset", "--quiet", "--hard", "FETCH_HEAD")
        for name, data in files.items():
            file = self.clone / name
            if data is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "-m", message)

    def checkout(self, folder: Path, revision: str = "main") -> Path:
        """Return a folder with the files of a revision."""
        folder.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "archive", revision], cwd=self.path, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        return folder
