import os
from pathlib import Path

import pytest

from armada_render.errors import InputError, SourceError
from armada_render.inventory.change import cordoned
from armada_render.inventory.files import FileChange, Inventory, write
from armada_render.yamlio import dumps
from tests.support.objects import cluster


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    (folder / "clusters").mkdir(parents=True)
    both = dumps(cluster("a")) + "---\n" + dumps(cluster("b"))
    (folder / "clusters" / "both.yaml").write_text(both)
    (folder / "clusters" / "c.yaml").write_text(dumps(cluster("c")))
    (folder / "broken.yaml").write_text("a: [")
    return folder


def contents(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_files_of_others_are_not_even_parsed(root: Path) -> None:
    inventory = Inventory(str(root))
    assert [item.name for item in inventory.clusters] == ["a", "b", "c"]
    with pytest.raises(InputError, match=r"there is no Cluster d in .*\n  hint: there are a, b, c"):
        inventory.find("d")


def test_a_broken_file_of_a_cluster_is_the_reason_that_it_is_not_found(root: Path) -> None:
    (root / "clusters" / "d.yaml").write_text("kind: [cluster.karmada.io")
    assert Inventory(str(root)).find("a").name == "a"
    with pytest.raises(InputError, match=r"clusters/d.yaml:2:1: "):
        Inventory(str(root)).find("d")


def test_an_empty_inventory_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"clusters init .* writes those that the policies mention"
    ):
        Inventory(str(tmp_path)).find("a")


def test_clusters_of_one_file_change_together(root: Path) -> None:
    before = contents(root)
    outcomes, changes = Inventory(str(root)).changes(["c", "b", "a", "b"], cordoned)
    assert [item.name for item, _ in outcomes] == ["c", "b", "a"]
    write(str(root), changes)
    after = contents(root)
    assert after["broken.yaml"] == before["broken.yaml"]
    assert after["clusters/both.yaml"].count("unschedulable") == 2
    assert [item.spec.taints[0].effect for item in Inventory(str(root)).clusters] == [
        "NoSchedule"
    ] * 3


def test_one_file_is_a_path_too(root: Path) -> None:
    inventory = Inventory(str(root / "clusters" / "c.yaml"))
    _, changes = inventory.changes(["c"], cordoned)
    write(inventory.root, changes)
    assert "unschedulable" in (root / "clusters" / "c.yaml").read_text()


def test_the_mode_of_a_file_stays_and_links_stay_links(root: Path) -> None:
    (root / "clusters" / "c.yaml").chmod(0o640)
    (root / "clusters" / "c.yaml").rename(root / "real")
    (root / "clusters" / "c.yaml").symlink_to("../real")
    _, changes = Inventory(str(root)).changes(["c"], cordoned)
    write(str(root), changes)
    assert (root / "clusters" / "c.yaml").is_symlink()
    assert (root / "real").stat().st_mode & 0o777 == 0o640
    assert "unschedulable" in (root / "real").read_text()


def test_a_new_file_stands_beside_the_others(root: Path) -> None:
    assert Inventory(str(root)).new_path("d") == "clusters/d.yaml"
    (root / "clusters" / "c.yaml").rename(root / "c.yaml")
    assert Inventory(str(root)).new_path("d") == "d.yaml"
    (root / "clusters" / "e.yaml").write_text(dumps(cluster("e")))
    assert Inventory(str(root)).new_path("d") == "clusters/d.yaml"
    with pytest.raises(InputError, match=r"c.yaml:1: there is a Cluster c already"):
        Inventory(str(root)).new_path("c")
    (root / "clusters" / "d.yaml").write_text("other: true")
    with pytest.raises(InputError, match=r"d.yaml is there already, and holds no Cluster d"):
        Inventory(str(root)).new_path("d")


def changes_of(root: Path) -> list[FileChange]:
    _, changes = Inventory(str(root)).changes(["a", "c"], cordoned)
    return [*changes, FileChange("new/d.yaml", None, b"kind: X\n")]


@pytest.mark.parametrize("fails_at", range(3))
@pytest.mark.parametrize("step", ["fsync", "replace", "link"])
def test_a_failure_takes_everything_back(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str, fails_at: int
) -> None:
    before = contents(root)
    real, calls = getattr(os, step), 0

    def failing(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == fails_at + 1:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    changes = changes_of(root)
    monkeypatch.setattr(os, step, failing)
    if fails_at >= {"fsync": 3, "replace": 2, "link": 1}[step]:
        write(str(root), changes)
        assert contents(root) != before
        return
    with pytest.raises(SourceError, match=r"No space left on device\n  hint: nothing was changed"):
        write(str(root), changes)
    assert contents(root) == before


def test_a_file_that_changed_meanwhile_is_left_alone(root: Path) -> None:
    changes = changes_of(root)
    (root / "clusters" / "c.yaml").write_text("mine")
    before = contents(root)
    with pytest.raises(SourceError, match=r"c.yaml was changed by somebody else meanwhile"):
        write(str(root), changes)
    assert contents(root) == before


def test_a_new_file_has_the_usual_mode(root: Path) -> None:
    write(str(root), [FileChange("d.yaml", None, b"kind: X\n")])
    (root / "usual").write_text("")
    assert (root / "d.yaml").stat().st_mode == (root / "usual").stat().st_mode
