"""`render`: what goes where, which options go together, and their environment variables."""

import json
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import click
import pytest

from armada_render import cli
from armada_render.cli import run
from armada_render.yamlio import dumps
from tests.support.objects import cluster, config_map, override, policy
from tests.support.terminal import run_on_terminal

HEADER = "NAMESPACE  OBJECT"


def _out(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


BUNDLES = ["index.json", "one/shop/manifests.yaml", "two/shop/manifests.yaml"]


@pytest.mark.usefixtures("fleet")
def test_a_stream_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "fleet"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("---\n# Cluster: one\napiVersion: apps/v1\n")
    assert out.count("# Cluster: ") == 2
    assert err == ""


@pytest.mark.usefixtures("fleet")
def test_an_output_directory_makes_a_tree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", "fleet", "--output-dir", "out"]) == 0
    assert capsys.readouterr() == ("", "out: 2 written, 0 removed, 0 unchanged\n")
    assert _files(tmp_path / "out") == BUNDLES


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("variable", "value", "sign"),
    [
        ("OUTPUT", "jsonl", '{"apiVersion":"apps/v1"'),
        ("OUTPUT", "table", HEADER),
        ("OUTPUT", "json", '{\n  "apiVersion"'),
        ("CLUSTER", "two", "---\napiVersion: apps/v1\n"),
        ("CLUSTER", "one two", "---\n# Cluster: one\n"),
        ("OUTPUT_DIR", "out", ""),
    ],
)
def test_what_is_printed_can_be_said_by_variables(
    variable: str,
    value: str,
    sign: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"ARMADA_RENDER_{variable}", value)
    assert run(["render", "fleet"]) == 0
    assert _out(capsys).startswith(sign)


@pytest.mark.usefixtures("fleet")
def test_variables_of_trees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARMADA_RENDER_OUTPUT_DIR", "out")
    monkeypatch.setenv("ARMADA_RENDER_LAYOUT", "files")
    monkeypatch.setenv("ARMADA_RENDER_CHECK", "1")
    assert run(["render", "fleet"]) == 1
    assert _out(capsys).splitlines()[:2] == [
        "missing: index.json",
        "missing: one/shop/default/configmap-web.yaml",
    ]
    monkeypatch.setenv("ARMADA_RENDER_CHECK", "0")
    monkeypatch.setenv("ARMADA_RENDER_TABLE", "1")
    assert run(["render", "fleet"]) == 0
    assert _out(capsys).startswith(HEADER)
    assert _files(tmp_path / "out")[:2] == ["index.json", "one/shop/default/configmap-web.yaml"]
    monkeypatch.setenv("ARMADA_RENDER_QUIET", "1")
    monkeypatch.setenv("ARMADA_RENDER_TABLE", "0")
    assert run(["render", "fleet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_variables_of_what_is_read_and_let_pass(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "clusters").rename(fleet.parent / "elsewhere")
    assert run(["render", "fleet"]) == 3
    assert "no Cluster in fleet" in capsys.readouterr().err
    monkeypatch.setenv("ARMADA_RENDER_CLUSTERS", "elsewhere")
    assert run(["render", "fleet"]) == 0
    (fleet / "shop" / "broken.yaml").write_text("a: [")
    assert run(["render", "fleet"]) == 3
    monkeypatch.setenv("ARMADA_RENDER_KEEP_GOING", "true")
    capsys.readouterr()
    assert run(["render", "fleet"]) == 3
    assert "kind: Deployment" in _out(capsys)
    monkeypatch.setenv("ARMADA_RENDER_LOCKED", "1")
    assert run(["render", "fleet"]) == 2
    monkeypatch.delenv("ARMADA_RENDER_KEEP_GOING")
    (fleet / "shop" / "broken.yaml").unlink()
    assert run(["render", "fleet"]) == 4


def test_unknown_capacity_can_count_as_none_by_variable(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aggregated = {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Aggregated",
    }
    divided = policy(
        "web",
        {"apiVersion": "apps/v1", "kind": "Deployment"},
        placement={"replicaScheduling": aggregated},
    )
    web = (fleet / "shop" / "web.yaml").read_text().rpartition("---\n")[0]
    (fleet / "shop" / "web.yaml").write_text(f"{web}---\n{dumps(divided)}")
    assert run(["-q", "render", "fleet"]) == 0
    monkeypatch.setenv("ARMADA_RENDER_STRICT_INVENTORY", "1")
    assert run(["-q", "render", "fleet"]) == 4


def _options(command: click.Command, name: str) -> list[tuple[str, click.Option]]:
    found = [(name, item) for item in command.params if isinstance(item, click.Option)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            inner = command.get_command(context, child)
            assert inner is not None
            found += _options(inner, child)
    return found


def test_every_option_has_its_variable() -> None:
    for command, item in _options(cli.cli, "armada-render"):
        # What is said of verbosity behind a command is said before it by the variable.
        if item.name in ("version", "quiet", "verbose", "no_color") and command != "armada-render":
            continue
        if item.name == "version":
            continue
        long_name = next(name for name in item.opts if name.startswith("--"))
        words = long_name.removeprefix("--").upper().replace("-", "_")
        # `render` has an --output and a --cluster too, which mean something else.
        own = {
            "diff": ("only", "output"),
            "explain": ("namespace", "only", "field", "output"),
            "lint": ("output", "severity"),
            "run": ("mode",),
            "status": ("output",),
            "simulate": ("output",),
            "validate": ("output", "strict", "crds"),
        }
        prefix = f"{command.upper()}_" if item.name in own.get(command, ()) else ""
        assert item.envvar == f"ARMADA_RENDER_{prefix}{words}"
        assert item.show_envvar


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "tree"], "-o tree needs --output-dir, or output.directory in armada.yaml"),
        (
            ["-o", "jsonl", "--output-dir", "out"],
            "--output-dir goes with -o tree, not with -o jsonl",
        ),
        (["--check"], "--check goes with -o tree, not with -o stream"),
        (["--cluster", "three"], "there is no cluster three; the inventory has one, two"),
    ],
)
def test_options_that_do_not_go_together(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", "fleet", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_settings_give_defaults_and_the_command_line_wins(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "armada.yaml").write_text(
        "output: {format: tree, directory: ../rendered, layout: files}\n"
    )
    assert run(["render", "fleet"]) == 0
    assert _files(fleet.parent / "rendered")[1] == "one/shop/default/configmap-web.yaml"
    assert run(["render", "fleet", "--output-dir", "out", "--layout", "bundle"]) == 0
    assert _files(fleet.parent / "out") == BUNDLES
    capsys.readouterr()
    assert run(["render", "fleet", "-o", "jsonl"]) == 0
    assert _out(capsys).startswith("{")


@pytest.mark.parametrize("directory", ["fleet", "fleet/out", "fleet/../fleet/shop"])
def test_what_is_read_is_not_written_into(
    fleet: Path, directory: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "armada.yaml").write_text("ignore: [ignored]\n")
    assert run(["render", "fleet", "--output-dir", directory]) == 3
    assert "lies inside fleet" in capsys.readouterr().err
    assert run(["render", "fleet", "--output-dir", "fleet/ignored/deep"]) == 0


def test_a_link_does_not_hide_that_the_output_lies_inside(fleet: Path) -> None:
    (fleet.parent / "link").symlink_to(fleet / "shop")
    assert run(["render", "fleet", "--output-dir", "link/out"]) == 3


def test_a_single_file_may_be_rendered_beside_itself(fleet: Path) -> None:
    texts = [path.read_text() for path in sorted(fleet.rglob("*.yaml"))]
    (fleet / "all.yml").write_text("---\n".join(texts))
    assert run(["render", "fleet/all.yml", "--output-dir", "fleet"]) == 0
    assert (fleet / "one" / "default" / "manifests.yaml").exists()


def test_standard_input_is_read_with_an_inventory_from_elsewhere(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (fleet / "shop" / "web.yaml").read_bytes()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(data)))
    assert run(["render", "-", "--clusters", "fleet/clusters", "-o", "jsonl"]) == 0
    assert _out(capsys).count("\n") == 4
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"a: [")))
    assert run(["render", "-", "--clusters", "fleet/clusters"]) == 3
    assert "error: <stdin>:2:1: " in capsys.readouterr().err


def test_a_tree_of_standard_input_needs_a_directory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"")))
    assert run(["render", "-", "-o", "tree"]) == 2
    assert "needs --output-dir" in capsys.readouterr().err


def test_problems_of_the_inventory_have_its_lines(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "clusters").rename(fleet.parent / "elsewhere")
    (fleet.parent / "elsewhere" / "web.yaml").write_text(dumps(cluster("x", regoin="eu")))
    assert run(["render", "fleet", "--clusters", "elsewhere"]) == 3
    assert capsys.readouterr().err.startswith(
        "error: --clusters/web.yaml:7: cluster.karmada.io/v1alpha1/Cluster//x: spec.regoin: "
        'unknown field "regoin"\n  hint: did you mean "region"?\n'
    )


def test_one_cluster_of_the_json_form(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del fleet
    assert run(["render", "fleet", "-o", "json", "--cluster", "two"]) == 0
    result = json.loads(_out(capsys))
    assert list(result["works"]) == ["two"]
    assert len(result["bindings"]) == 2


def test_nothing_for_any_cluster_is_refused(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "shop" / "web.yaml").write_text(dumps(config_map("web")))
    (fleet / "shop" / "policy.yaml").write_text(dumps(policy("p", namespace="other")))
    assert run(["-q", "render", "fleet"]) == 7
    assert "no cluster gets anything" in capsys.readouterr().err


def test_several_errors_are_counted(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "shop" / "a.yaml").write_text("a: [")
    (fleet / "shop" / "b.yaml").write_text("a: [")
    assert run(["render", "fleet"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("2 errors: nothing was written\n")


def test_with_keep_going_the_worst_code_is_returned(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remove = {"plaintext": [{"path": "/data/none", "operator": "remove"}]}
    (fleet / "shop" / "o.yaml").write_text(dumps(override("o", remove, clusters=["two"])))
    assert run(["render", "fleet", "--keep-going", "-o", "jsonl"]) == 5
    assert _out(capsys).count("\n") == 2


def test_a_tree_that_is_up_to_date_or_not(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["render", "fleet", "--output-dir", "out"]
    assert run(arguments) == 0
    assert run([*arguments, "--check"]) == 0
    (fleet / "shop" / "web.yaml").rename(fleet / "web.yaml")
    capsys.readouterr()
    assert run([*arguments, "--check"]) == 1
    assert _out(capsys).splitlines() == [
        "missing: one/default/manifests.yaml",
        "missing: two/default/manifests.yaml",
        "out of date: index.json",
        "to be removed: one/shop/manifests.yaml",
        "to be removed: two/shop/manifests.yaml",
    ]


def test_a_folder_name_does_not_reach_the_terminal_raw(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "shop").rename(fleet / "a\x1b[2J\nerror: b")
    assert run(["render", "fleet", "--output-dir", "out", "--check"]) == 1
    assert "missing: one/a\\x1b[2J\\nerror: b/manifests.yaml" in _out(capsys).splitlines()
    (fleet / "a\x1b[2J\nerror: b" / "c\x1b.yaml").write_text("a: [")
    assert run(["render", "fleet"]) == 3
    assert capsys.readouterr().err.startswith("error: a\\x1b[2J\\nerror: b/c\\x1b.yaml:2:1: ")


def test_on_a_terminal_a_tree_comes_with_its_table(fleet: Path) -> None:
    said = run_on_terminal(["render", "fleet", "--output-dir", "out"], fleet.parent)
    assert said.code == 0
    assert said.stderr == "out: 2 written, 0 removed, 0 unchanged\n"
    assert said.stdout.splitlines() == [
        "NAMESPACE  OBJECT          one  two",
        "default    ConfigMap/web   yes  yes",
        "default    Deployment/web  2    2",
        "",
        "2 objects on 2 of 2 clusters",
    ]
    quiet = run_on_terminal(["-q", "render", "fleet", "--output-dir", "out"], fleet.parent)
    assert quiet == (0, "", "")


def test_a_piped_stream_has_its_table_on_the_terminal_as_wide_as_it_is(fleet: Path) -> None:
    said = run_on_terminal(["render", "fleet"], fleet.parent, is_stdout_terminal=False)
    assert said.stdout.startswith("---\n# Cluster: one\n")
    assert said.stderr.startswith(HEADER)
    narrow = run_on_terminal(["render", "fleet", "-o", "table"], fleet.parent, columns=30)
    assert narrow.stdout.splitlines()[0] == "NAMESPACE  OBJECT          CLUSTERS"
    assert narrow.stderr == ""
    without = run_on_terminal(
        ["render", "fleet", "--no-table"], fleet.parent, is_stdout_terminal=False
    )
    assert without.stderr == ""
