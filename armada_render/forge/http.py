"""JSON over HTTP with the standard library: no redirects, a time limit, patience."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from msgspec import Struct

from armada_render.errors import Problem, SourceError, one_line

_MOST_BYTES = 32 << 20
_MOST_PATIENCE = 60.0
_BUSY = (429, 500, 502, 503, 504)


class Answer(Struct, frozen=True):
    """An answer that is fine."""

    value: Any
    headers: Mapping[str, str]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - the library's own
        """Go nowhere else: the token is for this host."""


class Client:
    """One API and what proves who we are to it."""

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        *,
        timeout: float = 30,
        pauses: tuple[float, ...] = (1, 4, 15),
    ) -> None:
        if urlsplit(base).scheme not in ("https", "http"):
            raise SourceError(f"{one_line(base)} is no address of an API")
        self._base = base.rstrip("/")
        self._headers = headers
        self._timeout = timeout
        self._pauses = pauses
        self._open = urllib.request.build_opener(_NoRedirect()).open

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        allowed: tuple[int, ...] = (),
    ) -> Answer:
        """Send a request; what is busy is asked again. Raises `SourceError`.

        A refusal that is `allowed` is an answer that holds nothing.
        """
        pauses = list(self._pauses)
        while True:
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code in allowed:
                        return Answer(None, {})
                    wait = _retry_after(error)
                    if not pauses or (error.code not in _BUSY and wait is None):
                        self._refused(method, error)
                time.sleep(min(max(pauses.pop(0), wait or 0), _MOST_PATIENCE))
            except (OSError, http.client.HTTPException) as error:
                # A lost answer to a POST may have been a yes: asking again would post twice.
                if not pauses or method == "POST":
                    reason = getattr(error, "reason", None) or error
                    raise self._problem(
                        f"{one_line(str(reason)) or type(error).__name__}"
                    ) from error
                time.sleep(pauses.pop(0))

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            self._base + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": "armada-render",
                **self._headers,
            },
            method=method,
        )
        with self._open(request, timeout=self._timeout) as response:
            data = response.read(_MOST_BYTES + 1)
            headers = {name.lower(): text for name, text in response.headers.items()}
        if len(data) > _MOST_BYTES:
            raise self._problem("the answer is too large")
        try:
            return Answer(json.loads(data) if data else None, headers)
        except ValueError:
            raise self._problem(f"the answer to {method} is no JSON") from None

    def _refused(self, method: str, error: urllib.error.HTTPError) -> NoReturn:
        said = one_line(error.read(2000).decode(errors="replace"))[:300]
        hint = ""
        if error.code in (401, 403, 404):
            hint = "may the token write comments? see docs/github-action.md and docs/gitlab-ci.md"
        elif 300 <= error.code < 400:
            hint = "redirects are not followed: give the address that it leads to"
        raise self._problem(f"{method} was answered with {error.code}: {said}", hint)

    def _problem(self, message: str, hint: str = "") -> SourceError:
        host = urlsplit(self._base).netloc.rpartition("@")[2]
        return SourceError(
            Problem(message=f"{host}: {message}", hint=hint, code=SourceError.exit_code)
        )


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    """Return how long a host wants us to wait; None when it does not say."""
    text = error.headers.get("Retry-After", "") if error.headers else ""
    return float(text) if text.isdecimal() else None
