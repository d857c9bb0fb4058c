"""`clusters`: the inventory as a table, and a first one from the policies."""

from pathlib import Path
from typing import Any

import pytest

from armada_render.cli import run
from armada_render.yamlio import dumps, loads
from tests.support.objects import Object, cluster, config_map, override, policy


def test_the_list_shows_what_placement_reads(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taints: list[Object] = [
        {"key": "upkeep", "effect": "NoSchedule"},
        {"key": "team", "value": "a", "effect": "NoExecute"},
    ]
    full = cluster(
        "three",
        labels={"env": "prod", "a": "b\x1b[31m\nforged"},
        provider="aws",
        region="eu",
        zones=["eu-1", "eu-2"],
        taints=taints,
    )
    (fleet / "clusters" / "three.yaml").write_text(dumps(full))
    assert run(["clusters", "list", "fleet"]) == 0
    out = capsys.readouterr().out
    assert [line.split() for line in out.splitlines()] == [
        ["NAME", "PROVIDER", "REGION", "ZONES", "TAINTS", "LABELS"],
        ["one", "-", "-", "-", "-", "-"],
        [
            "three",
            "aws",
            "eu",
            "eu-1,eu-2",
            "upkeep:NoSchedule,team=a:NoExecute",
            "a=b\\x1b[31m\\nforged,env=prod",
        ],
        ["two", "-", "-", "-", "-", "-"],
    ]


def test_the_inventory_may_stand_elsewhere(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "clusters").rename(fleet.parent / "elsewhere")
    assert run(["clusters", "list", "fleet"]) == 3
    assert "armada-render clusters init fleet" in capsys.readouterr().err
    monkeypatch.setenv("ARMADA_RENDER_CLUSTERS", "elsewhere")
    assert run(["clusters", "list", "fleet"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "one   -         -       -      -       -",
        "two   -         -       -      -       -",
    ]


def test_problems_of_the_path_are_told_with_the_list(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "shop" / "broken.yaml").write_text("a: [")
    assert run(["clusters", "list", "fleet"]) == 3
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert err.startswith("error: shop/broken.yaml:2:1")


AGGREGATED = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}


def _weights(*names: str) -> Object:
    return {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {
            "staticWeightList": [
                {"targetCluster": {"clusterNames": [name]}, "weight": 1} for name in names
            ]
        },
    }


def _write(root: Path, *objects: Object) -> None:
    root.mkdir(exist_ok=True)
    (root / "all.yaml").write_text("---\n".join(map(dumps, objects)))


def test_a_cluster_is_written_for_every_name_that_policies_mention(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terms: list[Any] = [
        {
            "affinityName": "main",
            "clusterNames": ["term"],
            "overflowAffinities": [{"affinityName": "more", "clusterNames": ["overflow"]}],
        }
    ]
    _write(
        Path("git"),
        config_map("a"),
        policy(
            "a",
            placement={
                "clusterAffinity": {"clusterNames": ["named"], "exclude": ["excluded"]},
                "replicaScheduling": _weights("weighed"),
            },
        ),
        policy("b", placement={"clusterAffinities": terms, "replicaScheduling": AGGREGATED}),
        policy("c"),
        policy("d", placement={"replicaScheduling": {"replicaSchedulingType": "Duplicated"}}),
        override("o", {}, clusters=["overridden"]),
        override("everywhere", {}),
    )
    names = ["excluded", "named", "overflow", "overridden", "term", "weighed"]
    assert run(["clusters", "init", "git"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"wrote git/clusters/{name}.yaml" for name in names
    ]
    written = loads((tmp_path / "git" / "clusters" / "term.yaml").read_text())
    assert written["metadata"] == {"name": "term", "labels": {}}
    assert run(["render", "git", "-o", "table"]) == 0
    capsys.readouterr()
    assert run(["clusters", "init", "git"]) == 3
    assert "no cluster that is not in the inventory already" in capsys.readouterr().err


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "git"
    _write(root, policy("a", placement={"clusterAffinity": {"clusterNames": ["one"]}}))
    (root / "clusters").mkdir()
    (root / "clusters" / "one.yaml").write_text("# mine\n")
    assert run(["clusters", "init", str(root)]) == 0
    assert capsys.readouterr().err == f"{root}/clusters/one.yaml is there already\n"
    assert (root / "clusters" / "one.yaml").read_text() == "# mine\n"


def test_policies_that_mention_no_cluster_are_no_help(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(tmp_path / "git", policy("a"))
    assert run(["clusters", "init", str(tmp_path / "git")]) == 3
    assert "no policy mentions a cluster by name" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../../evil", "Upper", "a b", "\x1b[31m"])
def test_a_name_that_no_cluster_can_have_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "git"
    _write(root, policy("a", placement={"clusterAffinity": {"clusterNames": [name]}}))
    assert run(["clusters", "init", str(root)]) == 3
    err = capsys.readouterr().err
    assert "cannot be the name of a cluster" in err
    assert "\x1b" not in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["all.yaml", "git"]


def test_a_folder_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "git"
    _write(root, policy("a", placement={"clusterAffinity": {"clusterNames": ["one"]}}))
    (root / "clusters").write_text("")
    assert run(["clusters", "init", str(root)]) == 6
    assert "cannot be written" in capsys.readouterr().err


def test_what_is_broken_besides_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "git"
    _write(root, policy("a", placement={"clusterAffinity": {"clusterNames": ["one"]}}))
    (root / "broken.yaml").write_text("a: [")
    assert run(["clusters", "init", str(root)]) == 3
    assert (root / "clusters" / "one.yaml").exists()
    assert "error: broken.yaml:2:1" in capsys.readouterr().err
