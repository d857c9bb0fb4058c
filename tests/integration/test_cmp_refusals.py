"""When the Argo CD plugin prints nothing, and what it says then."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.argocd_plugin.archive import OutOfBoundsError
from tests.support.argocd_plugin.harness import (
    POLICY,
    Argo,
    argo,
    config_map,
    locked,
    write,
)

MOST_STDERR = 4096


def test_argo_takes_no_output_for_success_so_the_plugin_never_prints_none(
    plugin: Argo, small: Path
) -> None:
    with argo("#!/bin/sh\n") as found:
        assert found.generate(small, "web", "one") == []
    text = plugin.failure(small, "web", "two")
    assert "exit status 7: armada-render: nothing of web is placed on two, only on one" in text


def test_an_app_without_objects_is_refused(plugin: Argo, small: Path) -> None:
    write(small, {"empty/README": "nothing"})
    text = plugin.failure(small, "empty", "one")
    assert "exit status 7: armada-render: no object belongs to empty" in text


def test_a_committed_entry_allows_an_empty_answer(plugin: Argo, small: Path) -> None:
    retire = "apiVersion: armada-render/v1\nretire: [{{cluster: {}, app: web}}]\n"
    write(small, {"armada.yaml": retire.format("two")})
    assert plugin.generate(small, "web", "two") == []
    assert len(plugin.generate(small, "web", "one")) == 1
    write(small, {"armada.yaml": retire.format("one")})
    text = plugin.failure(small, "web", "one")
    assert "exit status 7: armada-render: retire[0]: web is retired from one, but 1 object" in text
    write(small, {"armada.yaml": "apiVersion: armada-render/v1\nretire: [{app: web}]\n"})
    assert "web is retired, but 1 object goes to one" in plugin.failure(small, "web", "one")


def test_what_the_lock_places_is_not_left_out_until_the_lock_says_so(
    plugin: Argo, small: Path
) -> None:
    write(small, {f"web/{number}.json": config_map(f"web-{number}", {}) for number in range(4)})
    locked(small)
    narrow = POLICY.replace("kind: ConfigMap}", "kind: ConfigMap, name: web}")
    write(small, {"policy.yaml": narrow})
    text = plugin.failure(small, "web", "one")
    assert (
        "exit status 7: armada-render: 4 objects would be removed from one, compared with" in text
    )
    assert "web on one: 4 of 5 objects: ConfigMap web/web-0, " in text
    assert "renew the lock with `armada-render lock`" in text
    # One object may always go, and a renewed lock says that all may.
    write(small, {"policy.yaml": POLICY, "web/4.json": config_map("web-4", {}, labels={"a": "b"})})
    locked(small)
    all_but_one = [
        f"    - {{apiVersion: v1, kind: ConfigMap, name: {name}}}\n"
        for name in ("web", "web-0", "web-1", "web-2", "web-4")
    ]
    few = POLICY.replace("    - {apiVersion: v1, kind: ConfigMap}\n", "".join(all_but_one))
    write(small, {"policy.yaml": few})
    assert len(plugin.generate(small, "web", "one")) == 5
    write(small, {"policy.yaml": narrow})
    locked(small)
    assert len(plugin.generate(small, "web", "one")) == 1


def test_the_last_copy_that_the_lock_knows_of_is_not_left_out(plugin: Argo, small: Path) -> None:
    deployment = (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: web}, spec: "
        "{template: {spec: {containers: [{name: a, image: nginx}]}}}}\n"
    )
    policy = POLICY.replace("v1, kind: ConfigMap", "apps/v1, kind: Deployment")
    write(small, {"web/run.yaml": deployment, "run.yaml": policy.replace("all", "run")})
    locked(small)
    (small / "run.yaml").unlink()
    text = plugin.failure(small, "web", "one")
    assert "web on one: 1 of 2 objects: Deployment web/web (the last copy)" in text


def test_a_cluster_is_named_and_never_guessed(plugin: Argo, small: Path) -> None:
    missing = plugin.failure(small, "web")
    assert "exit status 2: armada-render: the parameter cluster is missing" in missing
    unknown = plugin.failure(small, "web", "three")
    assert (
        "exit status 3: armada-render: there is no cluster three; the inventory has one, two"
        in (unknown)
    )


def test_the_cluster_may_come_from_plugin_env_but_only_one_may_be_said(
    plugin: Argo, small: Path
) -> None:
    whole = plugin.generate(small, "web", "one")
    assert plugin.generate(small, "web", name="web-one", env={"CLUSTER": "one"}) == whole
    text = plugin.failure(small, "web", "one", env={"CLUSTER": "two"})
    assert "the parameter cluster and plugin.env CLUSTER do not agree" in text
    text = plugin.failure(small, "web", name="web-one", env={"CLUSTER": "$UNKNOWN"})
    assert "the parameter cluster is empty" in text


def test_an_application_of_another_cluster_is_refused(plugin: Argo, small: Path) -> None:
    text = plugin.failure(small, "web", "one", name="web-two")
    assert "exit status 7: armada-render: the Application web-two is not named after" in text
    assert plugin.generate(small, "web", "one", namespace="team") != []
    with argo(ARMADA_RENDER_CMP_ANY_NAME="true") as found:
        assert found.generate(small, "web", "one", name="web-two") != []


def test_files_that_change_the_parameters_are_refused(plugin: Argo, small: Path) -> None:
    patch = "{}:\n  parameters:\n    - {{name: cluster, string: two}}\n"
    for name in (".argocd-source.yaml", ".argocd-source-web-one.yaml"):
        for key in ("plugin", "Plugin"):
            write(small, {f"web/{name}": patch.format(key)})
            text = plugin.failure(small, "web", "one")
            assert f"exit status 7: armada-render: {name}: may change the plugin" in text
            (small / "web" / name).unlink()
    write(small, {"web/.argocd-source.yaml": "kustomize: {images: [web:1]}\n"})
    assert len(plugin.generate(small, "web", "one")) == 1


def test_links_out_of_the_repository_are_refused_by_both_sides(plugin: Argo, small: Path) -> None:
    outside = write(small.parent / "outside", {"secret.yaml": "password: hunter2\n"})
    (small / "web" / "link.yaml").symlink_to(
        os.path.relpath(outside / "secret.yaml", small / "web")
    )
    with pytest.raises(OutOfBoundsError):
        plugin.generate(small, "web", "one")
    # With reposerver.allow.oob.symlinks, and no sidecar between: the program itself.
    done = subprocess.run(
        [plugin.folder / "bin" / "armada-render", "cmp", "generate"],
        cwd=small / "web",
        env={
            "ARGOCD_ENV_CLUSTER": "one",
            "ARGOCD_APP_SOURCE_PATH": "web",
            "TMPDIR": str(plugin.folder / "tmp"),
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == b""
    assert b"web/link.yaml: symbolic link leads out of the root" in done.stderr
    assert b"hunter2" not in done.stderr


def test_links_within_the_repository_are_followed(plugin: Argo, small: Path) -> None:
    (small / "web" / "config.json").rename(small / "shared.json")
    write(small, {"armada.yaml": "apiVersion: armada-render/v1\nignore: [shared.json]\n"})
    (small / "web" / "link.json").symlink_to("../shared.json")
    assert len(plugin.generate(small, "web", "one")) == 1


def test_errors_are_short_name_the_line_and_show_no_paths(plugin: Argo, small: Path) -> None:
    lines = "".join(f"  - {{apiVersion: v1, kind: ConfigMap, nmae: x{n}}}\n" for n in range(400))
    policy = POLICY.replace("    - {apiVersion: v1, kind: ConfigMap}\n", lines)
    write(small, {"policy.yaml": policy})
    text = plugin.failure(small, "web", "one")
    message = text.partition("exit status 3: ")[2]
    first = message.splitlines()[0]
    assert first.startswith("armada-render: policy.yaml:")
    assert "nmae" in first
    assert len(message.encode()) <= MOST_STDERR
    assert str(plugin.folder) not in text
    assert plugin.failure(small, "web", "one") == text


def test_a_suspended_object_is_not_left_out_for_argo_to_remove(plugin: Argo, small: Path) -> None:
    write(small, {"policy.yaml": POLICY + "  suspension: {dispatching: true}\n"})
    assert "exit status 7" in plugin.failure(small, "web", "one")
    kept = {"argocd.argoproj.io/sync-options": "Prune=false,ServerSideApply=true"}
    write(small, {"web/config.json": config_map("web", {}, annotations=kept)})
    text = plugin.failure(small, "web", "one")
    assert "nothing of web is placed on one" in text
    write(
        small,
        {
            "web/secret.yaml": config_map("s", {}).replace("ConfigMap", "Secret"),
            "second.yaml": POLICY.replace("ConfigMap", "Secret").replace("all", "secrets"),
        },
    )
    assert [item["kind"] for item in plugin.generate(small, "web", "one")] == ["Secret"]


def test_another_command_is_a_usage_error(plugin: Argo) -> None:
    program = plugin.folder / "bin" / "armada-render"
    for words, code in ((["cmp"], 2), (["cmp", "discover"], 2), (["cmp", "--help"], 0)):
        done = subprocess.run([program, *words], capture_output=True, check=False)
        assert done.returncode == code
        assert b"Usage: armada-render cmp generate" in done.stdout + done.stderr


def test_another_version_than_the_repository_allows_renders_nothing(
    plugin: Argo, small: Path
) -> None:
    write(small, {"armada.yaml": 'apiVersion: armada-render/v1\nrequires: ">=900"\n'})
    text = plugin.failure(small, "web", "one")
    assert "exit status 3: armada-render: armada.yaml:" in text
    assert "requires: this is armada-render " in text
