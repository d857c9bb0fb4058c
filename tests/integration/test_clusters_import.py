"""`clusters import` from API servers that answer, refuse and fail; the long stage has real ones."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

import armada_render.cli
from armada_render.cli import run
from armada_render.load import DirectorySource, load
from armada_render.yamlio import dumps
from tests.unit.inventory.test_imported import KARMADA, node, pod, secret

NODES, PODS = "/api/v1/nodes", "/api/v1/pods"
CLUSTERS = "/apis/cluster.karmada.io/v1alpha1/clusters"
SECRETS = "/api/v1/namespaces/argocd/secrets"


class _Server(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.asked.append(self.path)
        answer = self.answers.get(url.path, 404)
        if isinstance(answer, list):
            # Two pages, whatever the limit.
            second = "continue" in parse_qs(url.query)
            half = len(answer) // 2
            items = answer[half:] if second else answer[:half]
            answer = {"items": items, "metadata": {} if second else {"continue": "more"}}
        status = answer if isinstance(answer, int) else 200
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
        del format, arguments


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Serve an API; the fixture's value is what it answers, by path, and `kubeconfig` a file."""
    _Server.answers = {
        "/version": {"gitVersion": "v1.34.1"},
        "/api": {"versions": ["v1"]},
        "/apis": {"groups": [{"versions": [{"groupVersion": "apps/v1"}]}]},
        "/api/v1": {"groupVersion": "v1", "resources": [{"name": "pods", "kind": "Pod"}]},
        "/apis/apps/v1": {
            "groupVersion": "apps/v1",
            "resources": [{"name": "deployments", "kind": "Deployment"}],
        },
        NODES: [node("a", "eu-a"), node("b", "eu-b")],
        PODS: [pod("Running"), pod("Running")],
        SECRETS: [secret("one"), secret("two")],
        CLUSTERS: [KARMADA, {"metadata": {"name": "two"}, "spec": {}}],
    }
    _Server.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [
            {"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("one", "two")
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
        ],
        "users": [{"name": "u", "user": {"token": "s3cret"}}],
    }
    (tmp_path / "kubeconfig").write_text(dumps(config))
    (tmp_path / "fleet").mkdir()
    monkeypatch.chdir(tmp_path)
    yield _Server.answers
    server.shutdown()
    server.server_close()
    thread.join()


def import_(source: str, kind: str, *more: str) -> int:
    return run(
        ["clusters", "import", "fleet", source, "--from", kind, "--kubeconfig", "kubeconfig", *more]
    )


def clusters() -> dict[str, Any]:
    fleet = load(DirectorySource("fleet")).fleet
    assert fleet.problems == ()
    return {cluster.name: cluster for cluster in fleet.clusters}


@pytest.mark.usefixtures("answers")
def test_a_live_cluster_describes_itself() -> None:
    assert import_("one", "kubeconfig") == 0
    one = clusters()["one"]
    assert one.spec.zones == ("eu-a", "eu-b")
    assert one.status.kubernetes_version == "v1.34.1"
    assert [item.group_version for item in one.status.api_enablements or ()] == ["apps/v1", "v1"]
    assert one.status.resource_summary is not None
    assert one.status.resource_summary.allocated["cpu"] == "1"
    assert "s3cret" not in Path("fleet/clusters/one.yaml").read_text()


@pytest.mark.usefixtures("answers")
def test_each_context_of_a_kubeconfig_is_asked() -> None:
    assert import_("kubeconfig", "kubeconfig") == 0
    assert set(clusters()) == {"one", "two"}
    assert import_("kubeconfig", "kubeconfig", "--name", "x") == 2
    assert import_("two", "kubeconfig", "--name", "three") == 0
    assert set(clusters()) == {"one", "two", "three"}


@pytest.mark.usefixtures("answers")
def test_lists_of_argo_cd_and_karmada_come_in_pages() -> None:
    assert import_("one", "karmada") == 0
    assert set(clusters()) == {"one", "two"}
    assert import_("one", "argocd", "--overwrite") == 0
    assert clusters()["one"].labels == {"env": "stage"}
    assert [path for path in _Server.asked if path.startswith(SECRETS)] == [
        f"{SECRETS}?labelSelector=argocd.argoproj.io%2Fsecret-type%3Dcluster&limit=500",
        f"{SECRETS}?labelSelector=argocd.argoproj.io%2Fsecret-type%3Dcluster&limit=500&continue=more",
    ]


def test_what_may_not_be_seen_counts_as_unknown(
    answers: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answers[PODS] = 403
    answers["/apis/apps/v1"] = 503
    assert import_("one", "kubeconfig") == 0
    said = capsys.readouterr().err
    assert "warning: one: pods: what is in use cannot be seen (403), and counts as unknown" in said
    assert "warning: one: not every API answers (503" in said
    one = clusters()["one"]
    assert one.status.api_enablements is None
    assert one.status.resource_summary is not None
    assert one.status.resource_summary.allocated == {}
    answers[NODES] = 401
    assert import_("two", "kubeconfig") == 0
    assert clusters()["two"].status.resource_summary is None


@pytest.mark.parametrize(
    ("path", "answer", "message"),
    [
        ("/version", 401, "does not tell: 401"),
        ("/version", 500, "does not tell: 500"),
        ("/version", b"<html>", "/version is no JSON"),
        ("/version", b"[]", "/version is no object"),
        (NODES, 500, "does not tell: 500"),
    ],
)
def test_a_server_that_fails_writes_nothing(
    answers: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    path: str,
    answer: Any,
    message: str,
) -> None:
    answers[path] = answer
    assert import_("kubeconfig", "kubeconfig") == 6
    said = capsys.readouterr().err
    assert message in said
    assert "s3cret" not in said
    assert not any(Path("fleet").iterdir())


@pytest.mark.usefixtures("answers")
def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    config = Path("kubeconfig")
    config.write_text(config.read_text().replace("http://127.0.0.1:", "http://127.0.0.1:1#"))
    assert import_("one", "karmada") == 6
    assert "http://127.0.0.1:1" in capsys.readouterr().err
    assert import_("three", "karmada") == 6
    assert "there is no file and no context three" in capsys.readouterr().err


@pytest.mark.usefixtures("answers")
def test_without_the_extra_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "kubernetes"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    monkeypatch.delattr(armada_render.cli, "survey", raising=False)
    for name in ("armada_render.cli.survey", "armada_render.controller.kube"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert import_("one", "kubeconfig") == 6
    assert "pip install 'armada-render[controller]'" in capsys.readouterr().err


def test_files_need_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fleet").mkdir()
    listed = {"apiVersion": "v1", "kind": "List", "items": []}
    nodes = [{"kind": "Node", **node("a", "eu-a")}, {"kind": "Pod", **pod("Running")}]
    Path("nodes.yaml").write_text(dumps({**listed, "items": nodes}))
    assert run(["clusters", "import", "fleet", "nodes.yaml", "--from", "kubeconfig"]) == 2
    named = ["--from", "kubeconfig", "--name", "one"]
    assert run(["clusters", "import", "fleet", "nodes.yaml", *named]) == 0
    summary = clusters()["one"].status.resource_summary
    assert summary.allocatable["cpu"] == "3920m"
    assert summary.allocated["cpu"] == "500m"
    Path("typed.yaml").write_text(dumps({"kind": "SecretList", "items": [secret("two")]}))
    assert run(["clusters", "import", "fleet", "typed.yaml", "--from", "argocd"]) == 0
    assert run(["clusters", "import", "fleet", "typed.yaml", "--from", "argocd", "--name=x"]) == 2
    Path("broken.yaml").write_text("a: [")
    assert run(["clusters", "import", "fleet", "broken.yaml", "--from", "karmada"]) == 3
    assert "broken.yaml:2:1" in capsys.readouterr().err
    assert run(["clusters", "import", "fleet", "fleet", "--from", "karmada"]) == 3
    assert "fleet cannot be read: Is a directory" in capsys.readouterr().err
    twice = dumps({"kind": "SecretList", "items": [secret("x.y"), secret("x-y")]})
    Path("twice.yaml").write_text(twice)
    assert run(["clusters", "import", "fleet", "twice.yaml", "--from", "argocd"]) == 3
    assert "2 clusters would be named x-y" in capsys.readouterr().err
    assert set(clusters()) == {"one", "two"}
