"""Remote sources, from a real Git host that refuses, hangs and changes under our feet."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from armada_render.cli import run
from armada_render.errors import Problem, SourceError
from armada_render.load.address import Credentials, parse
from armada_render.load.remote import RemoteRepository
from armada_render.load.transport import Limits
from armada_render.yamlio import dumps
from tests.support.githttp import GitHttp, Request, cut, first, hang, redirect, status
from tests.support.objects import cluster, config_map, deployment, policy, selector

ADA = Credentials("ada", "s3cret")
AT_ONCE = Limits(pauses=(0, 0))
FILES: dict[str, str | bytes] = {
    "apps/armada.yaml": "ignore: []\n",
    "apps/web/all.yaml": "---\n".join(map(dumps, [config_map("web"), policy("web")])),
    "apps/clusters/one.yaml": dumps(cluster("one")),
    "apps/notes.txt": "not read\n",
    "apps/large.bin": b"\0" * 100_000,
    "elsewhere/b.yaml": "b: 1\n",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHttp]:
    with GitHttp(tmp_path / "served", user="ada", password="s3cret") as server:
        bare = server.create("fleet", FILES)
        with (bare / "config").open("a") as config:
            config.write("[uploadpack]\n\tallowFilter = true\n")
        yield server


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the user have no settings, as on a fresh machine."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_ASKPASS", "SSH_ASKPASS", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


def read(repository: RemoteRepository, revision: str = "") -> dict[str, bytes]:
    return {file.path: file.data for file in repository.source(revision).files((), [])}


def remote(
    server: GitHttp, rest: str = "//apps", credentials: Credentials | None = ADA
) -> RemoteRepository:
    return RemoteRepository(parse(server.url("fleet") + rest), credentials, AT_ONCE)


def is_with_objects(request: Request) -> bool:
    return request.method == "POST"


def test_a_folder_is_read_and_nothing_else_is_fetched(server: GitHttp) -> None:
    repository = remote(server)
    source = repository.source()
    assert set(read(repository)) == {"web/all.yaml", "clusters/one.yaml"}
    config = source.config()
    assert config is not None
    assert config.data == b"ignore: []\n"
    folder = Path(str(repository._repo.git_dir))
    stored = sum(path.stat().st_size for path in folder.rglob("*.pack"))
    assert 0 < stored < 5_000
    assert repository._missing(source.commit) != set()


def test_a_host_that_cannot_leave_files_out_is_read_as_well(server: GitHttp) -> None:
    config = server.path("fleet") / "config"
    config.write_text(config.read_text().replace("allowFilter = true", "allowFilter = false"))
    assert set(read(remote(server))) == {"web/all.yaml", "clusters/one.yaml"}


def test_links_lead_to_files_of_any_name(server: GitHttp) -> None:
    links = {"apps/web/link.yaml": b"../notes.txt", "apps/web/out.yaml": b"../../elsewhere/b.yaml"}
    stream = (
        b"commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 1\nx\nfrom refs/heads/main^0\n"
    )
    for path, target in links.items():
        stream += b"M 120000 inline %b\ndata %d\n%b\n" % (path.encode(), len(target), target)
    server._git(server.path("fleet"), "fast-import", "--quiet", stdin=stream)
    problems: list[Problem] = []
    found = {file.path: file.data for file in remote(server).source().files((), problems)}
    assert found["web/link.yaml"] == b"not read\n"
    assert [str(problem).partition(":")[0] for problem in problems] == ["web/out.yaml"]


def test_branches_tags_and_commits_are_revisions(server: GitHttp) -> None:
    before = server.head("fleet")
    server._git(server.path("fleet"), "tag", "v1")
    server.commit("fleet", {"apps/new.yaml": "a: 1\n"}, branch="feature/x")
    repository = remote(server, "//apps?ref=feature/x")
    assert "new.yaml" in read(repository)
    for revision in ("main", "v1", before, "HEAD", "merge-base:main"):
        assert "new.yaml" not in read(repository, revision)
        assert repository.commit(revision) == before


def test_where_two_branches_parted(server: GitHttp) -> None:
    parted = server.head("fleet")
    server.commit("fleet", {"apps/new.yaml": "a: 1\n"}, branch="feature")
    server.commit("fleet", {"apps/other.yaml": "a: 1\n"})
    repository = remote(server, "//apps?ref=feature")
    assert repository.commit("merge-base:main") == parted
    assert set(read(repository, "merge-base:main")) == {"web/all.yaml", "clusters/one.yaml"}


@pytest.mark.parametrize("revision", ["nope", "0" * 40, "abcdef1"])
def test_a_revision_that_is_not_there(server: GitHttp, revision: str) -> None:
    with pytest.raises(SourceError, match=f"there is no revision {revision} in http://127"):
        remote(server).source(revision)


def test_a_branch_that_moves_meanwhile_is_read_as_it_was(server: GitHttp) -> None:
    moved: list[str] = []

    def move() -> None:
        server._git(server.path("fleet"), "update-ref", "-d", "refs/heads/main")
        moved.append(server.commit("fleet", {"apps/a.yaml": "b: 2\n"}))

    repository = remote(server, "//apps?ref=main")
    commit = repository.commit("main")
    server.fail(first(move), when=is_with_objects)
    assert set(read(repository)) == {"web/all.yaml", "clusters/one.yaml"}
    assert moved
    assert moved != [commit]
    assert set(read(remote(server))) == {"a.yaml"}


def test_a_password_is_asked_for_and_never_told(server: GitHttp) -> None:
    for credentials in (None, Credentials("ada", "wr0ng")):
        with pytest.raises(
            SourceError, match=r"does not let us read it: .*\n  hint: give a cred"
        ) as no:
            remote(server, credentials=credentials).source()
        assert "wr0ng" not in str(no.value)
    assert {request.user for request in server.requests} == {"", "ada"}


def test_netrc_and_credential_helpers_are_asked(server: GitHttp, tmp_path: Path) -> None:
    netrc = tmp_path / "home" / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ada password s3cret\n")
    netrc.chmod(stat.S_IRUSR)
    assert read(remote(server, credentials=None))
    netrc.unlink()
    (tmp_path / "home" / ".gitconfig").write_text(
        "[credential]\n\thelper = \"!printf 'username=ada\\\\npassword=s3cret\\\\n'; :\"\n"
    )
    assert read(remote(server, credentials=None))


def test_a_host_that_is_down_for_a_moment_is_asked_again(server: GitHttp) -> None:
    server.fail(status(503), times=2)
    assert read(remote(server))


def test_a_host_that_stays_down_is_reported(server: GitHttp) -> None:
    server.fail(status(503), times=0)
    with pytest.raises(SourceError, match=r"cannot be read: .* returned error: 503"):
        remote(server).source()
    assert len(server.requests) == 3


def test_an_answer_that_breaks_off_is_reported(server: GitHttp) -> None:
    server.fail(cut(200), when=is_with_objects, times=0)
    with pytest.raises(SourceError, match=r"http://127.0.0.1:\d+/fleet.git cannot be read: "):
        remote(server).source()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(seconds=1, pauses=()), "no answer within 1 seconds"),
        (Limits(stall_seconds=1, pauses=()), "Operation too slow"),
    ],
)
def test_a_host_that_hangs_is_given_up(server: GitHttp, limits: Limits, words: str) -> None:
    server.fail(hang(), times=0)
    with pytest.raises(SourceError, match=words):
        RemoteRepository(parse(server.url("fleet")), ADA, limits).source()


def test_no_redirect_leads_to_another_protocol(server: GitHttp) -> None:
    server.fail(redirect("file:///etc"), times=0)
    with pytest.raises(SourceError, match="leads to another protocol, which is not followed"):
        remote(server).source()


def test_credentials_are_for_their_host_alone(server: GitHttp, tmp_path: Path) -> None:
    with GitHttp(tmp_path / "other", user="ada", password="s3cret") as other:
        other.create("fleet", FILES)
        server.fail(redirect(f"http://127.0.0.1:{other.port}"), times=0)
        with pytest.raises(SourceError, match="does not let us read it"):
            remote(server).source()
        assert {request.user for request in other.requests} == {""}


def test_a_repository_that_is_not_there(server: GitHttp) -> None:
    address = parse(server.url("nothing"))
    with pytest.raises(SourceError, match="there is no repository http://127"):
        RemoteRepository(address, ADA, AT_ONCE).source()


def test_settings_of_the_user_cannot_widen_what_is_reached(server: GitHttp, tmp_path: Path) -> None:
    (tmp_path / "home" / ".gitconfig").write_text(
        f'[url "ext::touch {tmp_path}/ran "]\n\tinsteadOf = {server.url("fleet")}\n'
        "[protocol]\n\tallow = always\n"
    )
    with pytest.raises(SourceError, match="transport 'ext' not allowed"):
        remote(server).source()
    assert not (tmp_path / "ran").exists()


def test_the_private_folder_goes(server: GitHttp) -> None:
    repository = remote(server)
    source = repository.source()
    folder = Path(str(repository._repo.git_dir))
    assert folder.stat().st_mode & 0o77 == 0
    repository.close()
    del source, repository
    assert not folder.exists()


def test_render_reads_a_remote(
    server: GitHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARMADA_RENDER_GIT_USERNAME", "ada")
    monkeypatch.setenv("ARMADA_RENDER_GIT_PASSWORD", "s3cret")
    url = server.url("fleet")
    assert run(["render", f"{url}//apps?ref=main", "-o", "jsonl"]) == 0
    whole = capsys.readouterr().out
    assert '"name":"web"' in whole
    inventory = f"{url}//apps/clusters"
    assert (
        run(["render", f"{url}//apps/web", "--ref", "main", "--clusters", inventory, "-o", "jsonl"])
        == 0
    )
    assert capsys.readouterr().out == whole
    assert run(["render", f"{url}//apps?ref=main", "--ref", "other"]) == 6
    assert "are two revisions" in capsys.readouterr().err
    assert run(["render", f"{url}//nothing"]) == 3
    assert "there is nothing at http://127" in capsys.readouterr().err
    assert run(["render", f"{url}//apps", "-o", "tree"]) == 2
    monkeypatch.delenv("ARMADA_RENDER_GIT_PASSWORD")
    assert run(["render", f"{url}//apps"]) == 6


def test_a_remote_is_compared_with_an_earlier_revision_of_itself(
    server: GitHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARMADA_RENDER_GIT_PASSWORD", "s3cret")
    monkeypatch.setenv("ARMADA_RENDER_GIT_USERNAME", "ada")
    everything = policy("all", selector("Deployment"), selector("ConfigMap"))
    server.commit("fleet", {"apps/web/all.yaml": dumps(everything)})
    web = dumps(deployment("web")) + "---\n" + dumps(config_map("web"))
    server.commit("fleet", {"apps/web/web.yaml": web})
    server.commit("fleet", {"apps/web/web.yaml": dumps(config_map("web"))}, branch="feature")
    server.commit("fleet", {"apps/new.yaml": dumps(config_map("new"))})
    apps = f"{server.url('fleet')}//apps?ref=feature"
    inventory = f"{server.url('fleet')}//apps/clusters?ref=feature"
    web_alone = f"{server.url('fleet')}//apps/web?ref=feature"
    for arguments in ((apps,), (web_alone, "--clusters", inventory)):
        for base in ("main", "merge-base:main"):
            assert run(["render", *arguments, "--base", base, "-o", "jsonl"]) == 7
            assert "Deployment" in capsys.readouterr().err
    assert run(["render", apps, "--base", "feature", "-o", "jsonl"]) == 0
    assert run(["render", apps, "--base", "nope", "-o", "jsonl"]) == 6


def test_lint_reads_a_remote(
    server: GitHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARMADA_RENDER_GIT_PASSWORD", "s3cret")
    monkeypatch.setenv("ARMADA_RENDER_GIT_USERNAME", "ada")
    server.commit("fleet", {"apps/web/lonely.yaml": dumps(policy("x", selector("Secret")))})
    assert run(["lint", f"{server.url('fleet')}//apps", "-o", "sarif"]) == 1
    assert '"uri": "apps/web/lonely.yaml"' in capsys.readouterr().out


def test_commands_that_write_take_no_remote(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lock", "https://127.0.0.1:1/fleet.git"]) == 2
    assert "does not exist" in capsys.readouterr().err
