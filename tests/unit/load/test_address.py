import re
from pathlib import Path

import pytest

from armada_render.errors import SourceError
from armada_render.load.address import Address, Credentials, check_revision, is_remote, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "https://git.example.com/team/fleet.git",
            ("https://git.example.com/team/fleet.git", "", ""),
        ),
        ("https://h:8443/r.git//apps/web/?ref=v1.2", ("https://h:8443/r.git", "apps/web", "v1.2")),
        ("HTTP://h/r//.//a%20b", ("HTTP://h/r", "a b", "")),
        ("ssh://git@h:22/~/r.git//a?ref=x%2Fy", ("ssh://git@h:22/~/r.git", "a", "x/y")),
        ("git@github.com:team/r.git//a?ref=main", ("git@github.com:team/r.git", "a", "main")),
        ("file:///srv/fleet.git//apps", ("file:///srv/fleet.git", "apps", "")),
    ],
)
def test_addresses_are_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert is_remote(text)
    url, folder, revision = parts
    scheme = url.partition("://")[0].lower() if "://" in url else "ssh"
    assert parse(text) == Address(url=url, scheme=scheme, folder=folder, revision=revision)


@pytest.mark.parametrize("path", [".", "-", "/srv/fleet", "fleet", "a:b", "C:/fleet", "a@b"])
def test_paths_are_no_addresses(path: str) -> None:
    assert not is_remote(path)


def test_what_is_on_the_disk_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "me@host:fleet").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not is_remote("me@host:fleet")
    assert is_remote("me@host:other")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ext::sh -c touch% /tmp/x", "is no address that armada-render reads"),
        ("git://h/r.git", "git:// is not read; use https, http, ssh, file"),
        ("https:///r.git", "has no host"),
        ("https://-h/r.git", "is no address"),
        ("ssh://-oProxyCommand=id/r.git", "is no address"),
        ("ssh://git@-oProxyCommand=id/r.git", "has no host"),
        ("https://h:port/r.git", "is no address"),
        ("https://h/a b", "is no address"),
        ("https://h/r.git//a/../../b", "the folder leads out of the repository"),
        ("https://h/r.git//a%0ab", "the folder leads out of the repository"),
        ("https://h/r.git?sha=1", "only ?ref=REVISION is known behind an address"),
        ("https://h/r.git?ref=a&ref=b", "only ?ref=REVISION is known behind an address"),
        ("https://h/r.git?ref=", '"" cannot be a revision'),
    ],
)
def test_wrong_addresses_are_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=re.escape(message)):
        parse(text)


def test_secrets_of_addresses_are_not_told() -> None:
    for text in ("https://ada:s3cret@h/r.git", "https://s3cret@h/r.git?x=1", "s3cret@h/r::ext"):
        with pytest.raises(SourceError) as refusal:
            parse(text.replace("s3cret@h/r::ext", "https://s3cret@h/r\n"))
        assert "s3cret" not in str(refusal.value)
    assert str(parse("https://s3cret@h/r.git//a?ref=b")) == "https://***@h/r.git//a?ref=b"
    assert repr(Credentials("ada", "s3cret")) == "Credentials(...)"


@pytest.mark.parametrize(
    "revision",
    [
        *(
            "-x",
            "--upload-pack=x",
            "a b",
            "a:b",
            "+a",
            "^a",
            "a^",
            "a~1",
            "a..b",
            "a@{1}",
            "@",
            "*",
        ),
        *("a\nb", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "[a", "a\\b", ""),
        "a" * 251,
    ],
)
def test_what_git_would_take_for_something_else_is_no_revision(revision: str) -> None:
    with pytest.raises(SourceError, match="cannot be a revision of a remote repository"):
        check_revision(revision)


@pytest.mark.parametrize(
    "revision", ["main", "HEAD", "feature/x-1", "v1.0", "refs/tags/v1", "0" * 40]
)
def test_revisions(revision: str) -> None:
    assert check_revision(revision) == revision
