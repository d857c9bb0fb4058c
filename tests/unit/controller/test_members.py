"""Ways to the member clusters, and nothing of their credentials in what is said."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from armada_render.controller.access import Access, members
from armada_render.controller.kube import KubeError
from armada_render.controller.members import Member, Members, from_contexts
from armada_render.controller.probe import Prober, probe
from armada_render.failover import Ready
from tests.support.kubedouble import KubeDouble, kubeconfig
from tests.support.waiting import until

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _secret(called: str, version: str = "1", **data: Any) -> dict[str, Any]:
    encoded = {
        key: base64.b64encode(
            (value if isinstance(value, str) else json.dumps(value)).encode()
        ).decode()
        for key, value in data.items()
    }
    return {"metadata": {"name": called, "uid": "u", "resourceVersion": version}, "data": encoded}


def _read(double: KubeDouble, *secrets: dict[str, Any]) -> tuple[Member, ...]:
    double.secrets = list(secrets)
    return Members(double.client(), "argocd", 2).read()


def test_a_secret_becomes_a_member_with_its_credentials(double: KubeDouble) -> None:
    config = {"bearerToken": "hunter2", "tlsClientConfig": {"insecure": False}}
    (one,) = _read(double, _secret("s", name="one", server="https://one.invalid", config=config))
    assert (one.name, one.server, one.error) == ("one", "https://one.invalid", "")
    assert one.kube is not None
    assert one.kube._auth() == {"Authorization": "Bearer hunter2"}
    assert "secret-type%3Dcluster" in double.requests[0][1]
    assert "hunter2" not in repr(one)


def test_a_secret_that_stays_keeps_its_connections(double: KubeDouble) -> None:
    double.secrets = [_secret("s", name="one", server="https://one.invalid", config={})]
    members = Members(double.client(), "argocd", 2)
    (first,) = members.read()
    assert members.read() == (first,)
    double.secrets = [_secret("s", "2", name="one", server="https://moved.invalid", config={})]
    (moved,) = members.read()
    assert moved.server == "https://moved.invalid"


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ({"execProviderConfig": {"command": "argocd-k8s-auth"}}, "wants a program to be run"),
        ({"awsAuthConfig": {"clusterName": "x"}}, "wants a program to be run"),
        ("hunter2 is no JSON", "not as Argo CD has it"),
        ({"tlsClientConfig": {"certData": "hunter2 !"}}, "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_said_without_what_it_is(
    double: KubeDouble, config: object, error: str
) -> None:
    (one,) = _read(double, _secret("s", name="one", server="https://one.invalid", config=config))
    assert one.kube is None
    assert error in one.error
    assert "hunter2" not in one.error
    look = probe(one, lambda: NOW)
    assert (look.ready, look.reason) == (None, "NoCredentials")


def test_only_https_is_spoken(double: KubeDouble) -> None:
    (one,) = _read(double, _secret("s", name="one", server="http://one.invalid", config={}))
    assert one.error == "its server is no https:// URL"


def test_a_secret_that_is_no_base64(double: KubeDouble) -> None:
    broken = {"metadata": {"name": "s"}, "data": {"name": "hunter2 !"}}
    (one,) = _read(double, broken)
    assert one.error == "Secret s is not base64"


def test_a_list_that_cannot_be_read_is_not_quoted(double: KubeDouble) -> None:
    double.secrets = [{"data": {"config": 3, "password": "hunter2"}}]
    with pytest.raises(KubeError) as refused:
        Members(double.client(), "argocd", 2).read()
    assert str(refused.value) == "the list of cluster Secrets cannot be read"


def test_contexts_of_a_kubeconfig(double: KubeDouble, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(kubeconfig(double.url, "t")))
    one, gone = from_contexts(str(file), ("one", "gone"), 2)
    assert probe(one, lambda: NOW).ready is Ready.TRUE
    assert gone.kube is None
    assert "kubeconfig" in gone.error


def _member(double: KubeDouble) -> Member:
    return Member("one", double.url, "", double.client(timeout=2))


@pytest.mark.parametrize(
    ("status", "ready", "reason"),
    [
        (200, Ready.TRUE, "ClusterReady"),
        (401, None, "ProbeRefused"),
        (403, None, "ProbeRefused"),
        (404, None, "ProbeRefused"),
        (429, None, "ProbeRefused"),
        (301, None, "ProbeRefused"),
        (500, Ready.FALSE, "ClusterNotReachable"),
        (503, Ready.FALSE, "ClusterNotReachable"),
    ],
)
def test_what_an_answer_means(
    double: KubeDouble, status: int, ready: Ready | None, reason: str
) -> None:
    double.faults.append(lambda request: request.answer(status, b"ok"))
    look = probe(_member(double), lambda: NOW)
    assert (look.ready, look.reason) == (ready, reason)
    assert look.at == NOW


def test_an_old_cluster_has_healthz_only(double: KubeDouble) -> None:
    double.faults.append(lambda request: request.path == "/readyz" and request.refuse(404))
    assert probe(_member(double), lambda: NOW).ready is Ready.TRUE


def test_no_answer_is_not_reachable_and_another_certificate_is_no_information(
    double: KubeDouble,
) -> None:
    double.faults.append(lambda request: request.hang_up())
    assert probe(_member(double), lambda: NOW).ready is Ready.FALSE
    (one,) = _read_nothing_but_tls(double)
    assert probe(one, lambda: NOW).reason == "ProbeMisled"


def _read_nothing_but_tls(double: KubeDouble) -> tuple[Member, ...]:
    double.faults.clear()
    https = double.url.replace("http:", "https:")
    return _read(double, _secret("s", name="one", server=https, config={}))


def test_credentials_that_cannot_be_renewed_are_no_information(double: KubeDouble) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("hunter2")

    member = _member(double)
    assert member.kube is not None
    member.kube._configuration.api_key = {"authorization": "t"}
    member.kube._configuration.refresh_api_key_hook = broken
    look = probe(member, lambda: NOW)
    assert (look.ready, look.reason) == (None, "ProbeMisled")
    assert "RuntimeError" in look.message
    assert "hunter2" not in look.message


def test_the_local_cluster_is_known_once(double: KubeDouble) -> None:
    access = Access(argocd_namespace="argocd")
    server = "https://kubernetes.default.svc"
    found = members(access, double.client())
    assert [one.name for one in found()] == ["in-cluster"]
    double.secrets = [_secret("s", name="home", server=server, config={})]
    assert [one.name for one in found()] == ["home"]


def test_the_prober_looks_again_and_again_and_survives_errors(double: KubeDouble) -> None:
    errors: list[KubeError] = []
    changes: list[int] = []
    fails = [True]

    def these() -> tuple[Member, ...]:
        if fails[0] and errors:
            raise ValueError("a bug")
        if fails[0]:
            raise KubeError(403, "no rights")
        return (_member(double),)

    prober = Prober(these, lambda: NOW, 0.01, lambda: changes.append(1), errors.append)
    assert prober.looks() is None
    prober.start()
    until(lambda: len(errors) > 1)
    assert [str(error) for error in errors[:2]] == ["403 no rights", "bug: ValueError"]
    assert prober.looks() is None
    fails[0] = False
    until(lambda: len(changes) > 2)
    prober.stop()
    looks = prober.looks()
    assert looks is not None
    assert looks["one", double.url].ready is Ready.TRUE
