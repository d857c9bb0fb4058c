"""`armada-render controller`: failover in Git."""

import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from armada_render.cli.failover_options import (
    ACCESS_OPTIONS,
    LIMIT_OPTIONS,
    access_of,
    declared,
    limits_of,
    require_extra,
)
from armada_render.cli.options import option

_PASSWORD = "ARMADA_RENDER_GIT_PASSWORD"  # noqa: S105 - the name of a variable
_FILE = click.Path(exists=True, dir_okay=False)

_REPOSITORY = (
    option("--repo", required=True, metavar="URL", help="Git repository to read and write."),
    option("--branch", default="main", show_default=True, help="Branch that Argo CD follows."),
    option("--path", default=".", show_default=True, help="Where the fleet is in the repository."),
    option(
        "--mode",
        of="run",
        type=click.Choice(["commit", "branch"]),
        default="commit",
        show_default=True,
        help="Commit to the branch, or push a branch of its own for review.",
    ),
    option("--dry-run/--no-dry-run", default=True, show_default=True, help="Write nothing."),
    option("--git-username", metavar="NAME", default="", help="User name for the Git server."),
    option("--git-username-file", type=_FILE, help="File that holds it."),
    option("--git-password-file", type=_FILE, help=f"File with its token; or set {_PASSWORD}."),
    option("--git-ssh-key-file", type=_FILE, help="Private key for ssh://."),
    option("--git-known-hosts-file", type=_FILE, help="Host keys for ssh://."),
    option("--git-ca-file", type=_FILE, help="Certificates that the Git server is trusted by."),
    option("--git-timeout", default=60.0, show_default=True, help="Seconds for one request."),
    option("--git-interval", default=30.0, show_default=True, help="Seconds between two fetches."),
    option("--author-name", default="armada-render controller", show_default=True),
    option("--author-email", default="armada-render@localhost", show_default=True),
    option("--fence-ref", default="refs/armada/fence", show_default=True,
           help='Ref that keeps a former leader out; "" for servers that take only branches.'),
    option("--state-dir", type=click.Path(file_okay=False), help="Folder for the private clone."),
)  # fmt: skip
_RUNNING = (
    option("--interval", default=10.0, show_default=True, help="Seconds between two rounds."),
    option("--leader-election/--no-leader-election", default=True, show_default=True,
           help="Whether several replicas run."),
    option("--probe-interval", default=10.0, show_default=True, help="Seconds between probes."),
    option("--lease-duration", default=15, show_default=True,
           help="Seconds after which another replica may take over."),
    option("--identity", default="", metavar="NAME", help="Name of this replica in the Lease."),
    option("--listen", default="0.0.0.0:8080", show_default=True, metavar="ADDRESS:PORT",
           help="Where /metrics, /healthz and /readyz are."),
)  # fmt: skip


@click.group(name="controller")
def command() -> None:
    """Watch health, and rewrite placement in Git when something fails."""


@command.command(name="run")
@declared(*_REPOSITORY, *ACCESS_OPTIONS, *_RUNNING, *LIMIT_OPTIONS)
def _run(**given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Run until SIGTERM.

    Logs one JSON object a line to standard error. With --dry-run, the default, it logs what it
    would write.
    """
    require_extra()
    from armada_render.controller import run  # noqa: PLC0415 - the kubernetes package is large

    settings = _settings(given)
    run.run(settings, os.environ, sys.stderr)  # noqa: TID251 - this is an edge
    return 0


def _settings(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its module is imported late
    from armada_render.controller.lease import LeaseTimes  # noqa: PLC0415 - see above
    from armada_render.controller.settings import Mode, Settings  # noqa: PLC0415

    address, _, port = given["listen"].rpartition(":")
    if not port.isdecimal():
        raise click.UsageError("--listen: write ADDRESS:PORT, or :PORT for all addresses")
    duration = given["lease_duration"]
    if duration < 3:
        raise click.UsageError("--lease-duration: at least 3 seconds")
    return Settings(
        remote=_remote(given),
        root=_root(given["path"]),
        mode=Mode(given["mode"]),
        dry_run=given["dry_run"],
        limits=limits_of(given),
        access=access_of(given),
        lease_times=LeaseTimes(
            duration=duration, renew_within=duration * 2 / 3, retry=min(2.0, duration / 6)
        ),
        identity=given["identity"] or f"{socket.gethostname()}_{secrets.token_hex(4)}",
        leader_election=given["leader_election"],
        interval=given["interval"],
        git_interval=given["git_interval"],
        probe_interval=given["probe_interval"],
        address=address or "0.0.0.0",  # noqa: S104 - as the default says
        port=int(port),
        state_folder=Path(given["state_dir"] or ""),
    )


def _remote(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its module is imported late
    from armada_render.controller.gitcommand import Credentials  # noqa: PLC0415 - see above
    from armada_render.controller.repository import Author, Remote  # noqa: PLC0415

    credentials = Credentials(
        username=given["git_username"],
        username_file=given["git_username_file"] or "",
        password=os.environ.get(_PASSWORD, ""),  # noqa: TID251 - this is an edge
        password_file=given["git_password_file"] or "",
        ssh_key_file=given["git_ssh_key_file"] or "",
        ssh_known_hosts_file=given["git_known_hosts_file"] or "",
        ca_file=given["git_ca_file"] or "",
    )
    _refuse_open(given["repo"], has_password=credentials.has_password)
    return Remote(
        url=given["repo"],
        branch=given["branch"],
        credentials=credentials,
        author=Author(_plain(given["author_name"]), _plain(given["author_email"])),
        fence=given["fence_ref"],
        timeout=given["git_timeout"],
    )


def _refuse_open(url: str, *, has_password: bool) -> None:
    """Refuse an URL that would show a password: to whoever lists processes, or on the way."""
    parts = urlsplit(url)
    if parts.password or (parts.scheme in {"http", "https"} and parts.username):
        raise click.UsageError(
            "--repo: credentials do not belong into the URL; use --git-password-file or "
            f"{_PASSWORD}"
        )
    is_local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "http" and has_password and not is_local:
        raise click.UsageError("--repo: a password is not sent over http://; use https://")


def _root(path: str) -> str:
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise click.UsageError("--path: must not lead out of the repository")
    return "/".join(parts)


def _plain(text: str) -> str:
    if not text.isprintable() or set(text) & set("<>"):
        raise click.UsageError("--author-name and --author-email: plain text, without < and >")
    return text
