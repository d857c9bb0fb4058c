"""No form of output holds a secret, and a changed one is seen to have changed."""

from base64 import b64encode
from typing import Any

import msgspec
import pytest

from armada_render.diff import (
    compare,
    junit_report,
    markdown_parts,
    sarif_report,
    text_lines,
)
from armada_render.diff.page import fragment, page
from armada_render.diff.secrecy import Secrecy, has_secret, revealed
from armada_render.pipeline import Rendering
from tests.support.objects import Object, deployment, policy, selector
from tests.unit.diff.test_compare import rendered, shown

_OLD, _NEW = "hunter-old-4711", "hunter-new-4711"


def _secret(value: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login"},
        "data": {"password": b64encode(value.encode()).decode(), "user": "YWRtaW4tNDcxMQ=="},
        "stringData": {"token": value},
    }


def _workload(value: str) -> Object:
    web = deployment("web")
    container = web["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "DB_PASSWORD", "value": value}, {"name": "MODE", "value": "x"}]
    container["args"] = [f"--password={value}", f"--url=https://me:{value}@db.example/x"]
    web["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": f'{{"pass": "{value}"}}'
    }
    return web


def _fleet(value: str) -> Rendering:
    every = policy("all", selector("Secret"), selector("Deployment"))
    return rendered(_secret(value), _workload(value), every)


def _forms(before: Rendering, after: Rendering, *, full: bool) -> dict[str, str]:
    found = shown(compare(before, after), full=full)
    return {
        "text": "\n".join(text_lines(found)),
        "markdown": "\n".join(markdown_parts(found)),
        "json": msgspec.json.encode(found).decode(),
        "html": page(found) + fragment(found),
        "sarif": sarif_report(found, str, tool="t", version="1").decode(),
        "junit": junit_report(found, str, name="t").decode(),
    }


@pytest.mark.parametrize("full", [False, True])
def test_no_form_holds_a_secret(*, full: bool) -> None:
    values = [_OLD, _NEW, "YWRtaW4tNDcxMQ=="]
    values += [b64encode(value.encode()).decode() for value in (_OLD, _NEW)]
    empty = rendered(deployment("other"))
    for before, after in (
        (_fleet(_OLD), _fleet(_NEW)),
        (_fleet(_OLD), empty),
        (empty, _fleet(_NEW)),
    ):
        for form, text in _forms(before, after, full=full).items():
            assert [value for value in values if value in text] == [], form
            assert "\ue000" not in text, form


def test_a_changed_secret_is_seen_and_an_unchanged_one_is_not_called_so() -> None:
    text = _forms(_fleet(_OLD), _fleet(_NEW), full=False)["text"]
    assert 'data.password: "•••" → "••• (changed)"' in text
    assert 'env[DB_PASSWORD].value: "•••" → "••• (changed)"' in text
    assert '"--password=•••" → "--password=••• (changed)"' in text
    assert "data.user" not in text
    full = _forms(_fleet(_OLD), _fleet(_NEW), full=True)["text"]
    assert "user: •••\n" in full
    assert "+  password: ••• (changed)\n" in full


def test_a_secret_that_only_gets_another_name_has_not_changed() -> None:
    secrecy = Secrecy(b"key")
    before = {"kind": "Secret", "data": {"a": "x", "b": "y"}}
    after = {"kind": "Secret", "data": {"c": "x", "b": "z"}}
    hidden = [secrecy.hide(item, (), item, before, after) for item in (before, after)]
    assert revealed(*hidden) == (
        {"kind": "Secret", "data": {"a": "•••", "b": "•••"}},
        {"kind": "Secret", "data": {"c": "•••", "b": "••• (changed)"}},
    )


def test_hashes_depend_on_the_key_and_say_nothing_without_it() -> None:
    manifest: dict[str, Any] = {"kind": "Secret", "data": {"a": "x"}}
    one, other = (
        Secrecy(b"1").hide(manifest, (), manifest),
        Secrecy(b"2").hide(manifest, (), manifest),
    )
    assert has_secret(one)
    assert one != other
    assert one == Secrecy(b"1").hide(manifest, (), manifest)


def test_what_was_a_secret_on_one_side_is_one_on_both() -> None:
    before = _secret(_OLD)
    after = {**_secret(_NEW), "kind": "ConfigMap"}
    secrecy = Secrecy(b"key")
    assert _NEW not in str(secrecy.hide(after, (), after, before))
