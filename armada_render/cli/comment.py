"""`armada-render comment`: put Markdown on the pull request that a CI job runs for."""

import os
import sys

import click

from armada_render.cli.console import Console
from armada_render.cli.options import option
from armada_render.errors import InputError, SourceError
from armada_render.forge import github, gitlab
from armada_render.forge.parts import is_ours, split
from armada_render.forge.upsert import plan
from armada_render.load.source import MAX_FILE_BYTES


@click.command(name="comment")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@option(
    "--on",
    "host",
    type=click.Choice(["github", "gitlab"]),
    help="Where; by default what the job's environment says.",
)
@option("--key", default="diff", show_default=True, help="Tells several comments of ours apart.")
@option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.pass_obj
def command(console: Console, *, file: str, host: str | None, key: str, dry_run: bool) -> None:
    """Post FILE as a comment of the pull or merge request, or renew the one that is there.

    FILE is what `diff -o markdown` printed, or other Markdown; - is standard input. Its parts are
    comments of their own. Comments that are not needed any more go; an empty file removes all.
    """
    parts = split(_read(file), key)
    target = _target(host)
    there = [one for one in target.comments() if is_ours(one.body, key)]
    found = plan(there, parts)
    if not dry_run:
        for comment, body in found.renewed:
            target.renew(comment, body)
        for body in found.posted:
            target.post(body)
        for comment in found.removed:
            target.remove(comment)
    console.note(
        f"comments: {len(found.posted)} posted, {len(found.renewed)} renewed, "
        f"{len(found.removed)} removed, {found.unchanged} unchanged" + (" (dry run)" * dry_run)
    )


def _target(host: str | None) -> github.GitHub | gitlab.GitLab:
    variables = os.environ  # noqa: TID251 - this is an edge
    if host is None:
        if variables.get("GITHUB_ACTIONS"):
            host = "github"
        elif variables.get("GITLAB_CI"):
            host = "gitlab"
        else:
            raise click.UsageError("this is neither a GitHub Action nor a GitLab job: say --on")
    if host == "gitlab":
        return gitlab.from_environment(variables)
    path = variables.get("GITHUB_EVENT_PATH", "")
    try:
        event = _read(path) if path else ""
    except InputError as error:
        raise SourceError(error.problems) from error
    return github.from_environment(variables, event)


def _read(file: str) -> str:
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with open(file, "rb") as handle:  # noqa: PTH123
                data = handle.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{file} is larger than {MAX_FILE_BYTES >> 20} MiB")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError(f"{file} is no text in UTF-8") from None
