"""Comments of a GitHub pull request (REST API, issue comments)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from armada_render.errors import Problem, SourceError
from armada_render.forge.http import Client
from armada_render.forge.upsert import Comment

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", re.ASCII)
_PULL_REF = re.compile(r"refs/pull/(\d+)/(?:merge|head)", re.ASCII)


class GitHub:
    """The comments of one pull request."""

    def __init__(self, client: Client, repository: str, number: int) -> None:
        if not _REPOSITORY.fullmatch(repository):
            raise SourceError("GITHUB_REPOSITORY is no OWNER/NAME")
        self._client = client
        self._repository = repository
        self._number = number

    def comments(self) -> Iterator[Comment]:
        """Yield the comments that are ours to change, oldest first.

        Anybody may write a comment that begins as ours do: it must not come to hold our words.
        """
        me = self._client.send("GET", "/user", allowed=(401, 403)).value or {}
        page = 1
        while True:
            path = f"/repos/{self._repository}/issues/{self._number}/comments"
            found = self._client.send("GET", f"{path}?per_page=100&page={page}").value or []
            for one in found:
                author = one.get("user") or {}
                # The token of an action may not ask who it is; it writes as a bot.
                if author.get("login") == me["login"] if "login" in me else _is_bot(author):
                    yield Comment(str(one["id"]), str(one.get("body") or ""))
            if len(found) < 100:
                return
            page += 1

    def post(self, body: str) -> None:
        """Add a comment."""
        path = f"/repos/{self._repository}/issues/{self._number}/comments"
        self._client.send("POST", path, {"body": body})

    def renew(self, comment: str, body: str) -> None:
        """Change a comment."""
        self._client.send(
            "PATCH", f"/repos/{self._repository}/issues/comments/{comment}", {"body": body}
        )

    def remove(self, comment: str) -> None:
        """Take a comment away."""
        self._client.send("DELETE", f"/repos/{self._repository}/issues/comments/{comment}")


def _is_bot(author: Mapping[str, Any]) -> bool:
    return author.get("type") == "Bot"


def from_environment(variables: Mapping[str, str], event: str) -> GitHub:
    """Return the pull request that an action runs for; `event` is the file GITHUB_EVENT_PATH.

    Raises `SourceError` when it runs for none.
    """
    token = variables.get("GITHUB_TOKEN", "")
    if not token:
        raise _missing("GITHUB_TOKEN is not set", "pass github.token to the step")
    client = Client(
        variables.get("GITHUB_API_URL") or "https://api.github.com",
        {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    return GitHub(client, variables.get("GITHUB_REPOSITORY", ""), _number(variables, event))


def _number(variables: Mapping[str, str], event: str) -> int:
    found = _PULL_REF.fullmatch(variables.get("GITHUB_REF", ""))
    if found:
        return int(found[1])
    try:
        payload = json.loads(event) if event else {}
        return int((payload.get("pull_request") or payload.get("issue") or {})["number"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _missing(
            "this run is not for a pull request", "run it on the event pull_request"
        ) from None


def _missing(message: str, hint: str) -> SourceError:
    return SourceError(Problem(message=message, hint=hint, code=SourceError.exit_code))
