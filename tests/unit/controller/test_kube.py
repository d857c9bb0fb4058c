"""Requests to an API server, and what becomes of those that fail."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from armada_render.controller import kube
from armada_render.controller.kube import KubeError
from tests.support.kubedouble import APPLICATIONS, KubeDouble, Request, application, kubeconfig

Break = Callable[[Request], bool]


def test_the_token_goes_along_and_the_answer_comes_back(double: KubeDouble) -> None:
    client = double.client(token="t0ken")
    assert client.get("/readyz") == b"ok"
    assert double.tokens == ["Bearer t0ken"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
def test_a_refusal_has_its_status_and_the_words_of_the_server(
    double: KubeDouble, status: int
) -> None:
    double.faults.append(lambda request: request.refuse(status, "because\nof that"))
    with pytest.raises(KubeError) as refused:
        double.client().get("/readyz")
    assert refused.value.status == status
    assert str(refused.value) == f"{status} because\\nof that"
    assert not refused.value.is_misled


def test_an_error_page_of_something_else_is_not_quoted(double: KubeDouble) -> None:
    double.faults.append(lambda request: request.answer(502, b"<html>secret</html>"))
    with pytest.raises(KubeError, match="502 Bad Gateway"):
        double.client().get("/readyz")


def test_nobody_there() -> None:
    with pytest.raises(KubeError, match="connection refused or no route") as silent:
        kube.from_mapping(kubeconfig("http://127.0.0.1:9")).get("/readyz")
    assert silent.value.status == 0


def test_a_name_that_does_not_resolve_misleads() -> None:
    with pytest.raises(KubeError, match="cannot be resolved") as silent:
        kube.from_mapping(kubeconfig("https://nowhere.invalid")).get("/readyz")
    assert silent.value.is_misled


def test_what_speaks_no_tls_misleads(double: KubeDouble) -> None:
    client = kube.from_mapping(kubeconfig(double.url.replace("http:", "https:")))
    with pytest.raises(KubeError, match="TLS: ") as silent:
        client.get("/readyz")
    assert silent.value.is_misled


def test_a_server_that_is_silent_or_hangs_up(double: KubeDouble) -> None:
    double.faults.append(lambda request: request.hang_up())
    with pytest.raises(KubeError, match="connection broken"):
        double.client().get("/readyz")

    def silent(request: Request) -> bool:
        del request
        time.sleep(1)
        return True

    double.faults[:] = [silent]
    with pytest.raises(KubeError, match="no answer in time"):
        double.client(timeout=0.2).get("/readyz")


def test_an_answer_by_the_drop_is_none(double: KubeDouble) -> None:
    released = threading.Event()

    def drop_by_drop(request: Request) -> bool:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        while not released.wait(0.02):
            request.wfile.write(b"x")
        return True

    double.faults.append(drop_by_drop)
    try:
        with pytest.raises(KubeError, match=r"did not end in time|no answer in time"):
            double.client(timeout=0.2).get("/readyz")
    finally:
        released.set()


def test_an_answer_that_is_too_large_is_not_read(
    double: KubeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube, "MOST_BYTES", 1)
    with pytest.raises(KubeError, match="larger than"):
        double.client().get("/readyz")


def test_a_line_of_a_watch_that_is_too_large_ends_it(
    double: KubeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube, "_LINE_BYTES", 10)
    double.faults.append(lambda request: request.answer(200, b"x" * 100))
    with pytest.raises(KubeError, match="too large"):
        list(double.client().lines("/x", {}, silence=5, until=time.monotonic() + 60))


def test_a_watch_has_an_end(double: KubeDouble) -> None:
    double.put(application())
    lines = double.client().lines(
        APPLICATIONS, {"watch": "1", "resourceVersion": "0"}, silence=5, until=0.0
    )
    assert b'"ADDED"' in next(lines)
    with pytest.raises(KubeError, match="did not end in time"):
        next(lines)


def test_a_kubeconfig_of_a_file_and_its_contexts(double: KubeDouble, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(kubeconfig(double.url, "from-file")))
    assert kube.contexts(str(file)) == ("one",)
    assert kube.from_kubeconfig(str(file)).get("/readyz") == b"ok"
    assert kube.from_kubeconfig(str(file), "one").host == double.url
    assert double.tokens == ["Bearer from-file"]


def test_a_kubeconfig_that_is_not_there_or_lacks_the_context(tmp_path: Path) -> None:
    file = tmp_path / "config"
    with pytest.raises(KubeError, match="kubeconfig"):
        kube.from_kubeconfig(str(file))
    with pytest.raises(KubeError, match="kubeconfig"):
        kube.contexts(str(file))
    file.write_text(yaml.safe_dump(kubeconfig("https://one.example.com")))
    with pytest.raises(KubeError, match="kubeconfig"):
        kube.from_kubeconfig(str(file), "another")


def test_credentials_that_cannot_be_used_are_not_quoted() -> None:
    config = kubeconfig("https://one.example.com")
    config["users"][0]["user"] = {"client-certificate-data": "hunter2 is no base64"}
    with pytest.raises(KubeError, match="cannot be used") as refused:
        kube.from_mapping(config)
    assert "hunter2" not in str(refused.value)


def test_a_name_and_password_of_a_user(double: KubeDouble) -> None:
    config = kubeconfig(double.url)
    config["users"][0]["user"] = {"username": "ada", "password": "pw"}
    kube.from_mapping(config).get("/readyz")
    assert double.tokens == ["Basic YWRhOnB3"]


def test_outside_of_a_cluster_there_is_no_service_account() -> None:
    with pytest.raises(KubeError, match="not in a cluster"):
        kube.in_cluster()
