from typing import Any

import pytest

from armada_render.explain.fieldpath import look_up
from armada_render.explain.redact import MASK, is_secret, shown
from armada_render.model.decode import FieldPath

SECRET: dict[str, Any] = {
    "kind": "Secret",
    "metadata": {"name": "s"},
    "data": {"a": "aHVudGVyMg==", "empty": ""},
    "stringData": {"b": "hunter2"},
}


def field(manifest: dict[str, Any], *path: str | int) -> object:
    return shown(look_up(manifest, path), path, manifest, secret=is_secret(manifest))


@pytest.mark.parametrize("path", [(), ("data",), ("data", "a"), ("stringData", "b")])
def test_no_value_of_a_secret_is_shown_at_any_depth(path: FieldPath) -> None:
    text = str(field(SECRET, *path))
    assert "hunter2" not in text
    assert "aHVud" not in text
    assert MASK in text


def test_keys_of_a_secret_are_shown() -> None:
    assert field(SECRET, "data") == {"a": MASK, "empty": ""}
    assert field(SECRET, "metadata") == {"name": "s"}


def test_data_that_was_secret_at_another_step_is_hidden() -> None:
    manifest = {**SECRET, "kind": "ConfigMap"}
    assert shown("hunter2", ("stringData", "b"), manifest, secret=True) == MASK
    assert field(manifest, "stringData", "b") == "hunter2"


def test_environment_variables_are_judged_by_their_name() -> None:
    env = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "LEVEL", "value": "info"}]
    manifest = {"kind": "Pod", "spec": {"containers": [{"env": env}]}}
    at: FieldPath = ("spec", "containers", 0, "env")
    assert field(manifest, *at) == [{"name": "DB_PASSWORD", "value": MASK}, env[1]]
    assert field(manifest, *at, 0, "value") == MASK
    assert field(manifest, *at, 1, "value") == "info"


@pytest.mark.parametrize(
    ("key", "value", "hidden"),
    [
        ("password", "hunter2", True),
        ("adminPassword", "hunter2", True),
        ("api_key", "hunter2", True),
        ("tokens", ["hunter2"], True),
        ("secretName", "tls", False),
        ("tokenSecretRef", "tls", False),
        ("maxTokens", 5, False),
        ("automountServiceAccountToken", True, False),
        ("imagePullSecrets", [{"name": "pull"}], False),
    ],
)
def test_fields_are_judged_by_their_name(key: str, value: object, *, hidden: bool) -> None:
    result = field({"kind": "X", "spec": {key: value}}, "spec", key)
    assert (MASK in str(result)) is hidden
    assert hidden or result == value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("--password=hunter2 -v", f"--password={MASK} -v"),
        ('{"token":"hunter2","a":1}', f'{{"token":"{MASK}","a":1}}'),
        ("db:\n  password: hunter2\n  user: me", f"db:\n  password: {MASK}\n  user: me"),
        ("postgres://me:hunter2@db/x", f"postgres://me:{MASK}@db/x"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {MASK}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc", f"-----BEGIN RSA PRIVATE KEY-----{MASK}"),
        ("docker.io/acme/token:1.4.0", "docker.io/acme/token:1.4.0"),
        ("http://host:8080/x@y", "http://host:8080/x@y"),
    ],
)
def test_secrets_within_text_are_hidden(text: str, result: str) -> None:
    assert field({"kind": "ConfigMap", "data": {"conf": text}}, "data", "conf") == result


def test_the_last_applied_annotation_is_hidden() -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    manifest = {"kind": "X", "metadata": {"annotations": {key: "{}"}}}
    assert field(manifest, "metadata", "annotations") == {key: MASK}
    assert field(manifest, "metadata", "annotations", key) == MASK
