"""Remote sources over SSH, from a real server on loopback that knows one key."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from armada_render.errors import SourceError
from armada_render.load.address import parse
from armada_render.load.remote import RemoteRepository
from armada_render.load.transport import Limits
from tests.support.apiserver import eventually, free_port
from tests.support.githttp import GitHttp

pytestmark = pytest.mark.long

SSHD = "/usr/sbin/sshd"
AT_ONCE = Limits(pauses=())
CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile {folder}/pid
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
StrictModes no
UsePAM no
"""


class Ssh(NamedTuple):
    url: str
    folder: Path
    port: int

    def command(self, *, key: str = "user", known: str = "known") -> str:
        return (
            f"ssh -F none -i {self.folder}/{key} -o IdentitiesOnly=yes "
            f"-o UserKnownHostsFile={self.folder}/{known}"
        )


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ssh]:
    if not Path(SSHD).exists():
        message = "no sshd: run tests/support/tools/61-sshd.sh"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user", "stranger"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    port = free_port()
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    public = (folder / "host.pub").read_text().split()[:2]
    (folder / "known").write_text(f"[127.0.0.1]:{port} {' '.join(public)}\n")
    (folder / "nobody-known").write_text("")
    with GitHttp(folder / "served") as server:
        path = server.create("fleet", {"apps/a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    Path("/run/sshd").mkdir(exist_ok=True)
    command = [SSHD, "-D", "-e", "-f", str(folder / "config")]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        eventually("sshd listens", listens)
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True)
        yield Ssh(f"ssh://{user.stdout.strip()}@127.0.0.1:{port}{path}", folder, port)
        process.terminate()


def read(ssh: Ssh) -> dict[str, bytes]:
    source = RemoteRepository(parse(f"{ssh.url}//apps?ref=main"), None, AT_ONCE).source()
    return {file.path: file.data for file in source.files((), [])}


def test_the_key_that_the_environment_names_is_used(
    ssh: Ssh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh.command())
    assert read(ssh) == {"a.yaml": b"a: 1\n"}


@pytest.mark.parametrize(
    ("key", "known", "words"),
    [
        ("stranger", "known", "Permission denied"),
        ("user", "nobody-known", "Host key verification failed"),
    ],
)
def test_nothing_is_asked(
    ssh: Ssh, monkeypatch: pytest.MonkeyPatch, key: str, known: str, words: str
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh.command(key=key, known=known))
    with pytest.raises(SourceError, match=rf"does not let us read it: .*{words}") as refusal:
        read(ssh)
    assert "give ssh a key that the host knows" in str(refusal.value)
