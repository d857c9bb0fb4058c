"""Runs git: with our settings only, a time limit, and credentials that no argument or error shows.

What a clone, a user's home or the machine configures is not read: a fetched repository could
otherwise choose what runs here.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from armada_render.errors import one_line

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "credential.helper": "",
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.http.allow": "always",
    "protocol.ssh.allow": "always",
    "protocol.file.allow": "always",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "20",
    "gc.autoDetach": "false",
    "advice.all": "false",
}
_ASKPASS = """#!/bin/sh
# Answers what git asks for: the user's name, else the password.
case "$1" in
Username*) name=USERNAME ;;
*) name=PASSWORD ;;
esac
eval "file=\\${ARMADA_GIT_${name}_FILE:-} text=\\${ARMADA_GIT_${name}:-}"
if [ -n "$file" ]; then cat "$file"; else printf '%s\\n' "$text"; fi
"""
_SAID = 600
_SLICE = 0.5


class Credentials(Struct, frozen=True, kw_only=True):
    """How to prove who we are: a password (or token) or an SSH key; the rest is public.

    Files are read for each request, so that a Secret that is renewed counts at once.
    """

    username: str = ""
    username_file: str = ""
    password: str = ""
    password_file: str = ""
    ssh_key_file: str = ""
    ssh_known_hosts_file: str = ""
    ca_file: str = ""

    def __repr__(self) -> str:
        return "Credentials(...)"

    @property
    def has_password(self) -> bool:
        """Whether there is one."""
        return bool(self.password or self.password_file)


class GitError(Exception):
    """Git did not do it; the message is what it said, in one line, without credentials."""


class GitConflictError(GitError):
    """Somebody else wrote in between: begin again on the newest head."""


class Git:
    """The git program, for one private folder."""

    def __init__(
        self,
        folder: Path,
        credentials: Credentials,
        environment: Mapping[str, str],
        timeout: float,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = folder
        self._is_stopping = is_stopping
        self._credentials = credentials
        self._timeout = timeout
        self._environment = self._own(environment)

    def run(self, *arguments: str, given: bytes = b"", timeout: float | None = None) -> str:
        """Return what git prints; raise `GitError` with what it complains about."""
        code, out, said = self.attempt(*arguments, given=given, timeout=timeout)
        if code:
            raise GitError(f"git {arguments[0]}: {self.redacted(said) or f'exit code {code}'}")
        return out.decode(errors="surrogateescape")

    def attempt(
        self, *arguments: str, given: bytes = b"", timeout: float | None = None
    ) -> tuple[int, bytes, str]:
        """Return exit code, output and complaints; one that takes too long is ended with all of it.

        Everything git starts is in its process group: a transport that hangs would go on else.
        """
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell
                ["git", *arguments],  # noqa: S607 - the one that is installed
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise GitError(f"git cannot be started: {error.strerror}") from error
        try:
            out, said = self._talk(process, arguments[0], given, timeout or self._timeout)
        finally:
            _end(process)
        return process.returncode, out, said.decode(errors="replace")

    def _talk(
        self, process: "subprocess.Popen[bytes]", what: str, given: bytes, seconds: float
    ) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + seconds
        while True:
            try:
                return process.communicate(given, _SLICE)
            except subprocess.TimeoutExpired as error:
                if self._is_stopping():
                    raise GitError(f"git {what}: ended, since this process stops") from error
                if time.monotonic() > deadline:
                    raise GitError(f"git {what}: no end after {seconds:.0f} s") from error
            except OSError as error:
                raise GitError(f"git {what}: {error.strerror}") from error

    def redacted(self, text: str) -> str:
        """Return the last lines of what git said, without what is secret."""
        for secret in self._secrets():
            text = text.replace(secret, "[redacted]")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return one_line("; ".join(lines))[-_SAID:]

    def _secrets(self) -> Sequence[str]:
        found = [self._credentials.password]
        if self._credentials.password_file:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                found.append(Path(self._credentials.password_file).read_text().strip())
        return [secret for secret in found if secret]

    def _own(self, environment: Mapping[str, str]) -> dict[str, str]:
        credentials = self._credentials
        askpass = self._folder / "askpass"
        askpass.write_text(_ASKPASS)
        askpass.chmod(0o700)
        settings = dict(_SETTINGS)
        if credentials.ca_file:
            settings["http.sslCAInfo"] = credentials.ca_file
        passed = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "TMPDIR")
        own = {name: environment[name] for name in passed if name in environment}
        own |= {
            "HOME": str(self._folder),
            "LC_ALL": "C",
            "GIT_DIR": str(self._folder / "repository.git"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": str(askpass),
            "GIT_SSH_COMMAND": _ssh(credentials),
            "GIT_CONFIG_COUNT": str(len(settings)),
            "ARMADA_GIT_USERNAME": credentials.username,
            "ARMADA_GIT_USERNAME_FILE": credentials.username_file,
            "ARMADA_GIT_PASSWORD": credentials.password,
            "ARMADA_GIT_PASSWORD_FILE": credentials.password_file,
        }
        for number, (key, value) in enumerate(settings.items()):
            own[f"GIT_CONFIG_KEY_{number}"], own[f"GIT_CONFIG_VALUE_{number}"] = key, value
        return own


def _ssh(credentials: Credentials) -> str:
    """Return the command for SSH: no questions, and only hosts that are known."""
    words = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]
    words += ["-o", "StrictHostKeyChecking=yes", "-o", "ServerAliveInterval=10"]
    if credentials.ssh_key_file:
        words += ["-i", credentials.ssh_key_file, "-o", "IdentitiesOnly=yes"]
    if credentials.ssh_known_hosts_file:
        words += ["-o", f"UserKnownHostsFile={credentials.ssh_known_hosts_file}"]
    return shlex.join(words)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End what is left of a process group, and reap its leader."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
