"""Runs git against other hosts: no prompts or hooks, one protocol, a time limit, no secrets told.

What the user's own configuration says about proxies, certificates and credential helpers counts;
what could start programs or reach further than the address does not.
"""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from git import Git
from git.exc import GitCommandNotFound
from msgspec import Struct

from armada_render.errors import Problem, SourceError, one_line
from armada_render.load.address import Address, Credentials, redacted

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.askPass": "",
    "fetch.fsckObjects": "true",
    "fetch.negotiationAlgorithm": "noop",
    "http.followRedirects": "initial",
    "maintenance.auto": "false",
    "gc.auto": "0",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}
# A proxied request may go from http to https, never the other way.
_ALLOWED = {"https": "https", "http": "http:https", "ssh": "ssh", "file": "file"}
_HELPER = (
    "!f() { test \"$1\" = get || exit 0; printf 'username=%s\\npassword=%s\\n' "
    '"$ARMADA_RENDER_GIT_USERNAME" "$ARMADA_RENDER_GIT_PASSWORD"; }; f'
)
_PREFIX = re.compile(r"^(?:fatal|error|remote|ssh|ERROR): ")

_TRANSIENT = re.compile(
    r"returned error: (?:429|5\d\d)|Could not resolve host|Failed to connect|Couldn't connect"
    r"|Connection (?:refused|reset|timed out)|Empty reply|early EOF|unexpected disconnect"
    r"|Operation too slow|transfer closed|the remote end hung up|RPC failed"
)
_DENIED = re.compile(
    r"Authentication failed|could not read (?:Username|Password)|returned error: 40[13]"
    r"|Permission denied|terminal prompts disabled|Host key verification failed"
)
_ABSENT = re.compile(
    r"couldn't find remote ref|not our ref|no such ref|Server does not allow request"
)
_UNKNOWN = re.compile(r"returned error: 404|repository '.*' not found|does not appear to be a git")
_FORBIDDEN = re.compile(r"transport '.*' not allowed|Protocol \"?\w+\"? (?:not supported|disabled)")


class Limits(Struct, frozen=True, kw_only=True):
    """How long one run of git may take, and stand still; how long to wait before trying again."""

    seconds: float = 300
    stall_seconds: int = 30
    pauses: tuple[float, ...] = (1, 4)


class NoSuchRevision(Exception):  # noqa: N818 - no failure, an answer
    """The host does not have what was asked for."""


class Transport:
    """Git, in a private folder, for one address."""

    def __init__(
        self, folder: str, address: Address, credentials: Credentials | None, limits: Limits
    ) -> None:
        self._address = address
        self._limits = limits
        self._secrets = [credentials.password] if credentials and credentials.password else []
        self._git = Git(folder)
        self.environment = _environment(folder, address, credentials, limits)
        self._git.update_environment(**self.environment)

    def run(self, *arguments: str, stdin: Iterable[str] = ()) -> str:
        """Run a command of git that talks to the host; what is transient is tried again.

        Raises `NoSuchRevision`, or `SourceError` for everything else that goes wrong.
        """
        lines = "".join(f"{line}\n" for line in stdin)
        pauses = list(self._limits.pauses)
        while True:
            code, out, said = self._once(arguments, lines)
            if code == 0:
                return out
            if not pauses or not _TRANSIENT.search(said) or _DENIED.search(said):
                raise self._failure(said)
            time.sleep(pauses.pop(0))

    def _once(self, arguments: Sequence[str], stdin: str) -> tuple[int, str, str]:
        with tempfile.TemporaryFile() as lines:
            lines.write(stdin.encode())
            lines.seek(0)
            try:
                # Ended when it is no longer referred to. In a session of its own there is no
                # terminal, where ssh could ask for something.
                running = self._git.execute(
                    ["git", *arguments], istream=lines, as_process=True, start_new_session=True
                )
            except GitCommandNotFound as error:
                raise SourceError("git is not installed, which remote sources need") from error
            process = running.proc
            if process is None:
                raise TypeError(arguments)
            with process:
                try:
                    out, said = process.communicate(timeout=self._limits.seconds)
                except subprocess.TimeoutExpired:
                    _kill(process.pid)
                    process.communicate()
                    limit = self._limits.seconds
                    return 1, "", f"fatal: no answer within {limit:g} seconds"
                except BaseException:
                    _kill(process.pid)
                    raise
        return process.returncode, out.decode(errors="replace"), said.decode(errors="replace")

    def _failure(self, said: str) -> Exception:
        if _ABSENT.search(said):
            return NoSuchRevision()
        message, hint = _explained(said, self._address)
        for secret in self._secrets:
            message = message.replace(secret, "***")
        return SourceError(Problem(message=message, hint=hint, code=SourceError.exit_code))


def _kill(group: int) -> None:
    """End git and the helpers that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _explained(said: str, address: Address) -> tuple[str, str]:
    """Return what git said, in one line and without credentials, and what to do about it."""
    url = redacted(address.url)
    lines = [
        _PREFIX.sub("", line)
        for line in said.splitlines()
        if _PREFIX.match(line) or _DENIED.search(line)
    ] or ["no reason"]
    words = one_line(redacted("; ".join(dict.fromkeys(lines))))[:400]
    if _DENIED.search(said):
        hint = (
            "give ssh a key that the host knows, and the host's key to ~/.ssh/known_hosts"
            if address.scheme == "ssh"
            else "give a credential helper or ~/.netrc a token that may read it, or set "
            "ARMADA_RENDER_GIT_USERNAME and ARMADA_RENDER_GIT_PASSWORD"
        )
        return f"{url} does not let us read it: {words}", hint
    if _UNKNOWN.search(said):
        return (
            f"there is no repository {url}: {words}",
            "hosts also say so when they want credentials: see docs/git-sources.md",
        )
    if _FORBIDDEN.search(said):
        return (
            f"{url} leads to another protocol, which is not followed: {words}",
            "give the address that it leads to",
        )
    return f"{url} cannot be read: {words}", "try again; see docs/git-sources.md"


def _environment(
    folder: str, address: Address, credentials: Credentials | None, limits: Limits
) -> dict[str, str]:
    settings = {
        **_SETTINGS,
        # Slower than a byte a second is dead.
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": str(limits.stall_seconds),
        **{f"protocol.{name}.allow": "always" for name in _ALLOWED[address.scheme].split(":")},
    }
    given = {}
    if credentials is not None and address.scheme in ("http", "https"):
        # For this host alone: a redirect must not get them.
        parts = urlsplit(address.url)
        scope = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        settings[f"credential.{scope}.helper"] = _HELPER
        given = {
            "ARMADA_RENDER_GIT_USERNAME": credentials.username,
            "ARMADA_RENDER_GIT_PASSWORD": credentials.password,
        }
    return {
        **given,
        # A hook's environment names its own repository; ours is the private folder.
        "GIT_DIR": folder,
        "GIT_OBJECT_DIRECTORY": os.path.join(folder, "objects"),  # noqa: PTH118
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_NAMESPACE": "",
        "GIT_TRACE": "0",
        "GIT_TRACE_CURL": "0",
        "GIT_TRACE_PACKET": "0",
        "GIT_ALLOW_PROTOCOL": _ALLOWED[address.scheme],
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        **_as_environment(settings),
    }


def _as_environment(settings: Mapping[str, str]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        found[f"GIT_CONFIG_KEY_{number}"] = name
        found[f"GIT_CONFIG_VALUE_{number}"] = value
    return found
