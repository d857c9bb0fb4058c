"""What the Argo CD plugin prints, through doubles of the repo-server and of the sidecar."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.argocd_plugin.harness import (
    EXAMPLE,
    POLICY,
    REAL,
    ROOT,
    Argo,
    argo,
    bundles,
    by_key,
    config_map,
    rendered,
    write,
)


def test_the_example_fleet_comes_out_as_render_prints_it(plugin: Argo) -> None:
    expected = rendered(EXAMPLE, "--cluster", "pegasus")
    found = plugin.generate(EXAMPLE, ".", "pegasus", name="fleet-pegasus")
    assert by_key(found) == by_key(expected)


def test_each_app_of_the_example_fleet_gets_its_own_bundle(plugin: Argo, tmp_path: Path) -> None:
    expected = bundles(EXAMPLE, "pegasus-2", tmp_path)
    for app, objects in expected.items():
        found = plugin.generate(ROOT / "examples", f"app-manifests/{app}", "pegasus-2")
        assert by_key(found) == by_key(objects), app


def test_a_monorepo_comes_out_whole_and_app_by_app(
    plugin: Argo, monorepo: Path, tmp_path: Path
) -> None:
    expected = bundles(monorepo / "fleet", "member-0003", tmp_path)
    assert len(expected) == 200
    found = plugin.generate(monorepo, "fleet", "member-0003")
    assert by_key(found) == by_key([item for group in expected.values() for item in group])
    for app in ("app-00000", "app-00117", "app-00199"):
        found = plugin.generate(monorepo, f"fleet/{app}", "member-0003")
        assert by_key(found) == by_key(expected[app])


def test_only_the_folder_of_generate_paths_is_needed(plugin: Argo, monorepo: Path) -> None:
    whole = plugin.generate(monorepo, "fleet/app-00007", "member-0000")
    assert plugin.generate(monorepo, "fleet/app-00007", "member-0000", root="fleet") == whole
    alone = plugin.failure(monorepo, "fleet/app-00007", "member-0000", root="fleet/app-00007")
    assert "exit status 3" in alone
    assert "manifest-generate-paths" in alone


def test_a_repository_without_git_folder_is_bounded_by_its_path(
    plugin: Argo, monorepo: Path
) -> None:
    found = plugin.generate(monorepo, "fleet/app-00007", "member-0000", exclusions=[".git"])
    assert len(found) == 5


STRANGE = {
    "emoji": "\U0001f600 \U0001f1ea\U0001f1fa",
    "controls": "bell \x07 null-free \x1b[31m del \x7f c1 \x9b nel \x85",
    "separators": "a\u2028b\u2029c\ufeffd",
    "astral key \U0001f680": "x",
    "yes": "no",
    "0777": "1_000",
    "1e3": "0x1F",
    "~": "null",
    "=": "<<",
    "2026-01-01": "12:30:45",
    "document": "a\n---\nb\n...\n# c\n",
    "blanks": " leading, trailing \t\n\n",
    "slash": "</script>\\/\"'",
    "items": "[]",
}


def test_strange_texts_arrive_as_they_were_written(plugin: Argo, small: Path) -> None:
    write(small, {"web/config.json": config_map("web", STRANGE, labels={"on": "off"})})
    (found,) = plugin.generate(small, "web", "one")
    assert found["data"] == STRANGE
    assert found["metadata"]["labels"] == {"on": "off"}
    # YAML as kubectl writes it makes a blank of U+0085.
    (printed,) = rendered(small, "--cluster", "one")
    printed["data"]["controls"] = STRANGE["controls"]
    assert found == printed


def test_ten_megabytes_arrive(plugin: Argo, small: Path) -> None:
    text = "".join(f"line {number} of a long file\n" for number in range(38_000))
    for number in range(11):
        write(small, {f"web/{number}.json": config_map(f"web-{number}", {"text": text})})
    found = plugin.generate(small, "web", "one")
    assert sum(len(item["data"].get("text", "")) for item in found) > 10 * 2**20
    assert by_key(found) == by_key(rendered(small, "--cluster", "one"))


def test_nothing_but_objects_reaches_standard_output(small: Path) -> None:
    noisy = REAL.replace(
        "main()\n",
        "import armada_render.cmp.application as module\n"
        "import os\n"
        "real = module.render\n"
        "def render(*given):\n"
        "    print('Warning: x'); os.write(1, b'Warning: y\\n'); os.system('echo Warning: z')\n"
        "    return real(*given)\n"
        "module.render = render\n"
        "main()\n",
    )
    with argo(noisy) as found:
        assert list(found.generate(small, "web", "one")[0]) == [
            "apiVersion",
            "data",
            "kind",
            "metadata",
        ]


def test_a_hanging_render_ends_with_its_whole_group_at_the_deadline(small: Path) -> None:
    program = "#!/bin/sh\ntrap '' TERM\necho '---'\nsleep 60 & sleep 60\n"
    with argo(program) as found:
        start = time.monotonic()
        assert "exceeded" in found.failure(small, "web", "one", timeout=1).lower()
        assert time.monotonic() - start < 2
        assert _ends(found.server.groups[0])


def _ends(group: int) -> bool:
    for _ in range(40):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_the_own_time_limit_is_below_argos_and_says_so(monorepo: Path) -> None:
    with argo(ARMADA_RENDER_CMP_TIMEOUT="0.05") as found:
        text = found.failure(monorepo, "fleet", "member-0000")
    assert "exit status 7" in text
    assert "armada-render: rendering took longer than 0.05 s" in text


def test_an_application_may_lower_the_time_limit_but_not_raise_it(small: Path) -> None:
    with argo(ARMADA_RENDER_CMP_TIMEOUT="0.3") as found, _all_slots(found, 4):
        for asked, used in (("0.1", "0.1"), ("50", "0.3")):
            text = found.failure(small, "web", "one", parameters={"timeout": asked})
            assert f"waiting for a free slot took longer than {used} s" in text


@contextmanager
def _all_slots(found: Argo, count: int) -> Iterator[None]:
    folder = found.folder / "tmp" / f"armada-render-cmp-{os.getuid()}"
    folder.mkdir(mode=0o700)
    with ExitStack() as stack:
        for number in range(count):
            handle = stack.enter_context((folder / f"slot-{number}").open("w"))
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def test_thirty_two_calls_at_once_all_get_their_objects(plugin: Argo) -> None:
    expected = plugin.generate(EXAMPLE, ".", "pegasus", name="fleet-pegasus")
    with ThreadPoolExecutor(32) as pool:
        calls = [
            pool.submit(plugin.generate, EXAMPLE, ".", "pegasus", name="fleet-pegasus")
            for _ in range(32)
        ]
        assert all(call.result() == expected for call in calls)
    assert list(plugin.server.work.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("#!/bin/sh\necho '---'\necho '{\"apiVersion\":'\nexit 70\n", "exit status 70"),
        ("#!/bin/sh\necho '---'\nkill -SEGV $$\n", "segmentation fault"),
        ("#!/bin/sh\necho '---'\nkill -KILL $$\n", "killed"),
    ],
    ids=["exit", "crash", "kill"],
)
def test_a_process_that_dies_while_printing_gives_nothing(
    small: Path, program: str, status: str
) -> None:
    with argo(program) as found:
        assert status in found.failure(small, "web", "one")


def test_a_bug_says_where_and_shows_no_values(small: Path) -> None:
    broken = REAL.replace(
        "main()\n",
        "import armada_render.cmp.application as module\n"
        "def render(fleet, options):\n"
        "    raise KeyError('password hunter2')\n"
        "module.render = render\n"
        "main()\n",
    )
    with argo(broken) as found:
        text = found.failure(small, "web", "one")
    assert "exit status 70: armada-render: internal error KeyError at cmp/application.py:" in text
    assert "hunter2" not in text


def test_the_output_depends_on_files_and_parameters_only(plugin: Argo, small: Path) -> None:
    program = plugin.folder / "bin" / "armada-render"
    answers = set()
    for environment in (
        {"ARGOCD_APP_REVISION": "1", "KUBE_VERSION": "1.30", "LANG": "C"},
        {
            "ARGOCD_APP_REVISION": "2",
            "LC_ALL": "tr_TR.UTF-8",
            "PYTHONHASHSEED": "7",
            "TZ": "Asia/Tokyo",
        },
    ):
        done = subprocess.run(
            [program, "cmp", "generate"],
            cwd=small / "web",
            env={
                "ARGOCD_APP_PARAMETERS": '[{"name": "cluster", "string": "one"}]',
                "ARGOCD_APP_SOURCE_PATH": "web",
                "TMPDIR": str(plugin.folder / "tmp"),
                **environment,
            },
            stdout=subprocess.PIPE,
            check=True,
        )
        answers.add(done.stdout)
    assert len(answers) == 1
    assert answers.pop().startswith(b"---\n{")


def test_apps_by_label_are_asked_for_at_the_root(plugin: Argo, small: Path) -> None:
    label = {"app.kubernetes.io/part-of": "shop"}
    write(
        small,
        {
            "armada.yaml": "apiVersion: armada-render/v1\n"
            "apps: {label: app.kubernetes.io/part-of}\n",
            "web/a.json": config_map("a", {}, labels=label),
            "db/b.json": config_map("b", {}, labels=label),
        },
    )
    asked = {"parameters": {"app": "shop", "root": "."}}
    found = plugin.generate(small, ".", "one", name="shop-one", **asked)
    assert [item["metadata"]["name"] for item in found] == ["a", "b"]
    text = plugin.failure(small, "web", "one", parameters={"app": "shop", "root": ".."})
    assert "exit status 2: armada-render: the parameter app goes with" in text


def test_an_override_that_fails_elsewhere_does_not_stop_this_cluster(
    plugin: Argo, small: Path
) -> None:
    write(
        small,
        {
            "policy.yaml": POLICY.replace("[one]", "[one, two]"),
            "override.yaml": """\
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterOverridePolicy
metadata: {name: broken}
spec:
  overrideRules:
    - targetCluster: {clusterNames: [two]}
      overriders: {plaintext: [{path: /data/missing/x, operator: replace, value: y}]}
""",
        },
    )
    assert len(plugin.generate(small, "web", "one")) == 1
    assert "exit status 5: armada-render: web/config.json:1" in plugin.failure(small, "web", "two")


def test_namespaces_ask_before_they_go_as_in_what_render_prints(plugin: Argo, small: Path) -> None:
    write(
        small,
        {
            "armada.yaml": "apiVersion: armada-render/v1\nargocd: {}\n",
            "web/namespace.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: web}}\n",
        },
    )
    found = plugin.generate(small, "web", "one")
    assert by_key(found) == by_key(rendered(small, "--cluster", "one"))
    (namespace,) = [item for item in found if item["kind"] == "Namespace"]
    assert "Prune=confirm" in namespace["metadata"]["annotations"].popitem()[1]


def test_traces_of_other_deliveries_are_left_out(plugin: Argo, small: Path) -> None:
    traces = {
        "argocd.argoproj.io/tracking-id": "web-one:/ConfigMap:web/web",
        "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"hunter2"}}',
        "argocd.argoproj.io/sync-wave": "1",
    }
    labels = {"app.kubernetes.io/instance": "web-one"}
    text = config_map("web", {}, labels=labels, annotations=traces)
    write(small, {"web/config.json": text})
    (found,) = plugin.generate(small, "web", "one")
    assert found["metadata"]["annotations"] == {"argocd.argoproj.io/sync-wave": "1"}
    assert "labels" not in found["metadata"]
    (printed,) = rendered(small, "--cluster", "one")
    assert printed["metadata"]["annotations"] == traces
    write(small, {"armada.yaml": "apiVersion: armada-render/v1\nargocd: {}\n"})
    assert rendered(small, "--cluster", "one") == [found]


def test_the_plugin_loads_nothing_of_the_command_line(small: Path, tmp_path: Path) -> None:
    script = (
        "import sys, armada_render.__main__\n"
        "sys.argv[1:] = ['cmp', 'generate']\n"
        "try:\n    armada_render.__main__.main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=small / "web",
        env={
            "PYTHONPATH": str(ROOT),
            "ARGOCD_ENV_CLUSTER": "one",
            "ARGOCD_APP_SOURCE_PATH": "web",
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    unwanted = {
        "armada_render.cli",
        "armada_render.conformance",
        "armada_render.explain",
        "armada_render.lock",
        "armada_render.output",
        "click",
        "git",
        "kubernetes",
        "logging",
        "lupa",
        "ruamel",
        "subprocess",
        "tempfile",
    }
    assert unwanted & set(done.stderr.split()) == set()
