"""Notes of a GitLab merge request (REST API v4)."""

from collections.abc import Iterator, Mapping

from armada_render.errors import Problem, SourceError
from armada_render.forge.http import Client
from armada_render.forge.upsert import Comment


class GitLab:
    """The notes of one merge request."""

    def __init__(self, client: Client, project: int, number: int) -> None:
        self._client = client
        self._notes = f"/projects/{project}/merge_requests/{number}/notes"

    def comments(self) -> Iterator[Comment]:
        """Yield the notes that our token has written, oldest first."""
        me = self._client.send("GET", "/user").value or {}
        page = "1"
        while page:
            query = f"?sort=asc&order_by=created_at&per_page=100&page={page}"
            answer = self._client.send("GET", self._notes + query)
            for one in answer.value or []:
                if not one.get("system") and (one.get("author") or {}).get("id") == me.get("id"):
                    yield Comment(str(one["id"]), str(one.get("body") or ""))
            page = answer.headers.get("x-next-page", "")

    def post(self, body: str) -> None:
        """Add a note."""
        self._client.send("POST", self._notes, {"body": body})

    def renew(self, comment: str, body: str) -> None:
        """Change a note."""
        self._client.send("PUT", f"{self._notes}/{comment}", {"body": body})

    def remove(self, comment: str) -> None:
        """Take a note away."""
        self._client.send("DELETE", f"{self._notes}/{comment}")


def from_environment(variables: Mapping[str, str]) -> GitLab:
    """Return the merge request that a job runs for. Raises `SourceError` when it runs for none."""
    token = variables.get("ARMADA_RENDER_GITLAB_TOKEN", "")
    if not token:
        raise _missing(
            "ARMADA_RENDER_GITLAB_TOKEN is not set",
            "make a project access token with the scope api, and a masked variable of that name; "
            "job tokens may not write notes",
        )
    project = variables.get("CI_PROJECT_ID", "")
    number = variables.get("CI_MERGE_REQUEST_IID", "")
    if not (project.isdecimal() and number.isdecimal()):
        raise _missing(
            "this job is not for a merge request",
            "run it with rules: - if: $CI_PIPELINE_SOURCE == 'merge_request_event'",
        )
    api = variables.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    return GitLab(Client(api, {"PRIVATE-TOKEN": token}), int(project), int(number))


def _missing(message: str, hint: str) -> SourceError:
    return SourceError(Problem(message=message, hint=hint, code=SourceError.exit_code))
