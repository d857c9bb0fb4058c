"""Remote Git repositories as people name them: `https://host/team/repo.git//path?ref=main`."""

import os

from msgspec import Struct

from armada_render.errors import Problem, SourceError, one_line
from armada_render.model.pattern import pattern

_SCHEMES = ("https", "http", "ssh", "file")
_SCHEME = pattern(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = pattern(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!//).*")
_USERINFO = pattern(r"(?<=://)[^/@\s]*@")
_HINT = "write https://HOST/TEAM/REPO.git//FOLDER?ref=BRANCH, or ssh://, or user@host:team/repo.git"

# What git check-ref-format refuses, `@` for HEAD, and what a refspec gives a meaning to.
_NO_REVISION = pattern(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/+.]|[/.]$|/\.|\.lock(/|$)|^@$")
_LONGEST_REVISION = 250


class Credentials(Struct, frozen=True):
    """A user name and password (or token) for one host, over HTTP."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(...)"


class Address(Struct, frozen=True, kw_only=True):
    """A folder ("": the root) of a remote repository; `revision` "" is its default branch."""

    url: str
    scheme: str
    folder: str = ""
    revision: str = ""

    def __str__(self) -> str:
        text = redacted(self.url)
        if self.folder:
            text += f"//{self.folder}"
        return one_line(f"{text}?ref={self.revision}" if self.revision else text)


def is_remote(path: str) -> bool:
    """Tell whether `path` names a remote repository; what is there on the disk does not."""
    looks_so = ":" in path and ("::" in path or _SCHEME.match(path) or _SCP.fullmatch(path))
    return bool(looks_so) and not os.path.exists(path)  # noqa: PTH110


def parse(text: str) -> Address:
    """Read the address of a remote folder. Raises `SourceError`."""
    shown = one_line(redacted(text))
    scheme_found = _SCHEME.match(text)
    if scheme_found is None and not _SCP.fullmatch(text):
        # `ext::command` would run a command of whoever wrote it.
        raise _wrong(shown, "is no address that armada-render reads")
    scheme = scheme_found[1].lower() if scheme_found else "ssh"
    if scheme not in _SCHEMES:
        raise _wrong(shown, f"{scheme}:// is not read; use {', '.join(_SCHEMES)}")
    from urllib.parse import unquote  # noqa: PLC0415 - `is_remote` is asked at every start

    rest, question, query = text.partition("?")
    begin = scheme_found.end() if scheme_found else 0
    if any(char.isspace() or not char.isprintable() for char in rest) or rest[begin:][:1] == "-":
        raise _wrong(shown, "is no address")
    url, _, folder = rest[begin:].partition("//")
    url = rest[:begin] + url
    if scheme_found and scheme != "file":
        _check_host(url, shown)
    return Address(
        url=url,
        scheme=scheme,
        folder=_folder(unquote(folder), shown),
        revision=_query(query, shown) if question else "",
    )


def check_revision(revision: str) -> str:
    """Return `revision` if it can be asked of a remote: a branch, a tag, a full commit id."""
    if not revision or len(revision) > _LONGEST_REVISION or _NO_REVISION.search(revision):
        raise SourceError(
            Problem(
                message=f'"{one_line(revision)}" cannot be a revision of a remote repository',
                hint="give a branch, a tag or a full commit id",
                code=SourceError.exit_code,
            )
        )
    return revision


def redacted(text: str) -> str:
    """Return `text` without what stands before `@` in URLs: it may be a token."""
    return _USERINFO.sub("***@", text)


def _check_host(url: str, shown: str) -> None:
    from urllib.parse import urlsplit  # noqa: PLC0415

    try:
        parts = urlsplit(url)
        host, password, _ = parts.hostname, parts.password, parts.port
    except ValueError:
        raise _wrong(shown, "is no address") from None
    if not host or host.startswith("-"):
        raise _wrong(shown, "has no host")
    if password is not None:
        raise SourceError(
            Problem(
                message=f"{shown}: a password in an address ends up in process lists and logs",
                hint="leave it out, and give it to a credential helper, to ~/.netrc, or in "
                "ARMADA_RENDER_GIT_PASSWORD",
                code=SourceError.exit_code,
            )
        )


def _folder(folder: str, shown: str) -> str:
    steps = [step for step in folder.split("/") if step not in ("", ".")]
    if ".." in steps or any(not step.isprintable() for step in steps):
        raise _wrong(shown, "the folder leads out of the repository")
    return "/".join(steps)


def _query(query: str, shown: str) -> str:
    from urllib.parse import parse_qsl  # noqa: PLC0415

    values = parse_qsl(query, keep_blank_values=True)
    if len(values) != 1 or values[0][0] != "ref":
        raise _wrong(shown, "only ?ref=REVISION is known behind an address")
    return check_revision(values[0][1])


def _wrong(shown: str, message: str) -> SourceError:
    return SourceError(
        Problem(message=f"{shown}: {message}", hint=_HINT, code=SourceError.exit_code)
    )
