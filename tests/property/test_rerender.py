"""Rendering a tree again after an edit gives what rendering everything anew gives."""

import copy
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from armada_render import rerender
from armada_render.cli import run
from armada_render.errors import ExitCode
from armada_render.rerender import memory
from armada_render.rerender import plan as planning
from armada_render.yamlio import dumps
from tests.support.objects import (
    Object,
    cluster,
    config_map,
    deployment,
    override,
    policy,
    selector,
)

Files = dict[str, list[Object]]
APPS = tuple(f"app-{number}" for number in range(6))
SPACES = ("red", "blue")
DUPLICATED = {"clusterAffinity": {"labelSelector": {"matchLabels": {"in": "fleet"}}}}
DIVIDED = {
    "clusterAffinity": {"clusterNames": ["one", "two"]},
    "replicaScheduling": {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {
            "staticWeightList": [
                {"targetCluster": {"clusterNames": ["one"]}, "weight": 2},
                {"targetCluster": {"clusterNames": ["two"]}, "weight": 1},
            ]
        },
    },
}


def _fleet(chance: random.Random) -> Files:
    files: Files = {
        f"clusters/{name}.yaml": [cluster(name, labels={"in": "fleet"})]
        for name in ("one", "two", "three")
    }
    for name in APPS:
        space = chance.choice(SPACES)
        files[f"{name}/app.yaml"] = [
            _mounting(deployment(name, 4, namespace=space), name),
            config_map(name, namespace=space),
        ]
        files[f"{name}/policies.yaml"] = [
            policy(
                name,
                selector("Deployment", name=name),
                *([] if chance.random() < 0.2 else [selector("ConfigMap", name=name)]),
                namespace=space,
                placement=chance.choice((DUPLICATED, DIVIDED)),
                propagateDeps=chance.random() < 0.1,
            ),
            override(name, _image("first"), namespace=space, clusters=["two"]),
        ]
    if chance.random() < 0.3:
        files["wide/overrides.yaml"] = [override("wide", _label("wide"), namespace="")]
    return files


def _mounting(manifest: Object, name: str) -> Object:
    pod = manifest["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "settings", "configMap": {"name": name}}]
    return manifest


def _image(registry: str) -> Object:
    return {"imageOverrider": [{"component": "Registry", "operator": "add", "value": registry}]}


def _label(value: str) -> Object:
    return {"labelsOverrider": [{"operator": "add", "value": {"said": value}}]}


def _content(files: Files, chance: random.Random) -> None:
    app = chance.choice(APPS)
    for item in files.get(f"{app}/app.yaml", ()):
        if item["kind"] == "ConfigMap":
            item["data"]["key"] = str(chance.random())


def _replicas(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/app.yaml", ()):
        if item["kind"] == "Deployment":
            item["spec"]["replicas"] = chance.choice((1, 3, 6, 9))


def _mount(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/app.yaml", ()):
        if item["kind"] == "Deployment":
            _mounting(item, chance.choice(APPS))


def _relabel(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/app.yaml", ()):
        item["metadata"]["labels"] = {"edited": chance.choice("ab")}


def _rename(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/app.yaml", ())[1:]:
        item["metadata"]["name"] += "x"


def _override(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/policies.yaml", ())[1:]:
        registry = chance.choice(("second", "third"))
        item["spec"]["overrideRules"][0]["overriders"] = _image(registry)


def _select_other(files: Files, chance: random.Random) -> None:
    other = selector("ConfigMap", name=chance.choice(APPS))
    for item in files.get(f"{chance.choice(APPS)}/policies.yaml", ())[:1]:
        item["spec"]["resourceSelectors"] = [item["spec"]["resourceSelectors"][0], other]


def _place(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/policies.yaml", ())[:1]:
        item["spec"]["placement"] = chance.choice((DUPLICATED, DIVIDED))


def _move(files: Files, chance: random.Random) -> None:
    for item in files.get(f"{chance.choice(APPS)}/app.yaml", ()):
        item["metadata"]["namespace"] = chance.choice(SPACES)


def _drop(files: Files, chance: random.Random) -> None:
    files.pop(f"{chance.choice(APPS)}/app.yaml", None)


def _cluster(files: Files, chance: random.Random) -> None:
    name = chance.choice(("one", "three"))
    files[f"clusters/{name}.yaml"] = [cluster(name, labels={"in": chance.choice(("fleet", "x"))})]


def _namespace(files: Files, chance: random.Random) -> None:
    space = chance.choice(SPACES)
    files["spaces/all.yaml"] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
    ]


_FREQUENT = (_content, _content, _content, _replicas, _override, _override, _mount)
_RARE = (_relabel, _rename, _select_other, _place, _move, _drop, _cluster, _namespace)


def _write(root: Path, files: Files) -> None:
    shutil.rmtree(root, ignore_errors=True)
    for path, objects in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("---\n".join(map(dumps, objects)))


def _read(tree: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()
    }


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bool]:
    """Note for each run whether it started from the last tree, however small the fleet."""
    noted: list[bool] = []
    real = rerender.again

    def noting(this: rerender.Run) -> object:
        change = real(this)
        noted.append(change is not None)
        return change

    monkeypatch.setattr(rerender, "again", noting)
    monkeypatch.setattr(memory, "_SMALL", 0)
    monkeypatch.setattr(planning, "_MOST_APPS", 1.0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return noted


def _render(root: Path, tree: Path, *more: str) -> int:
    return run(["render", str(root), "--output-dir", str(tree), *more])


@pytest.mark.parametrize("seed", range(12))
def test_after_any_edits_the_tree_is_that_of_a_full_rendering(
    tmp_path: Path, taken: list[bool], seed: int
) -> None:
    chance = random.Random(seed)
    root, tree, anew = tmp_path / "fleet", tmp_path / "tree", tmp_path / "anew"
    files = _fleet(chance)
    layout = chance.choice(("bundle", "files"))
    before = copy.deepcopy(files)
    for step in range(9):
        _write(root, files)
        code = _render(root, tree, "--layout", layout)
        if code == ExitCode.GUARD:
            files = copy.deepcopy(before)  # a removal that nobody acknowledged
            continue
        shutil.rmtree(anew, ignore_errors=True)
        assert code == _render(root, anew, "--layout", layout, "--no-cache"), step
        if code == 0:
            assert _read(tree) == _read(anew), step
            before = copy.deepcopy(files)
        else:
            files = copy.deepcopy(before)  # an edit that is refused is taken back
        edits = _FREQUENT if step and chance.random() < 0.8 else _RARE if step else (_content,)
        edit = chance.choice(edits)
        edit(files, chance)
    assert any(taken)


def _first(tmp_path: Path) -> tuple[Files, Path, Path]:
    files = _fleet(random.Random(3))
    for path, objects in files.items():
        if path.endswith("policies.yaml"):
            objects[0]["spec"]["propagateDeps"] = False
    root, tree = tmp_path / "fleet", tmp_path / "tree"
    _write(root, files)
    assert _render(root, tree) == 0
    return files, root, tree


def _again(root: Path, files: Files, tree: Path, anew: Path) -> None:
    _content(files, random.Random(1))
    _write(root, files)
    assert _render(root, tree) == 0
    assert _render(root, anew, "--no-cache") == 0
    assert _read(tree) == _read(anew)


def _one_of(tree: Path) -> Path:
    return max(tree.rglob("manifests.yaml"))


def _append(path: Path) -> None:
    path.write_text(path.read_text() + "# by hand\n")


def _same_size(path: Path) -> None:
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_text(path.read_text().replace("name: main", "name: evil").replace("key", "kex"))
    os.utime(path, ns=times)


def _swap(path: Path) -> None:
    path.rename(path.with_suffix(".old"))
    shutil.copy2(path.with_suffix(".old"), path)
    path.with_suffix(".old").unlink()
    _append(path)


def _link(path: Path) -> None:
    path.rename(path.with_suffix(".old"))
    path.symlink_to(path.with_suffix(".old").name)


@pytest.mark.parametrize("tamper", [_append, Path.unlink, _same_size, _swap, _link])
def test_a_file_that_somebody_touched_is_mended(
    tmp_path: Path, taken: list[bool], tamper: Callable[[Path], None]
) -> None:
    files, root, tree = _first(tmp_path)
    tamper(_one_of(tree))
    taken.clear()
    _content(files, random.Random(1))
    _write(root, files)
    assert _render(root, tree) == 0
    assert _render(root, tmp_path / "anew", "--no-cache") == 0
    assert taken == [False]
    mended = {name: data for name, data in _read(tree).items() if not name.endswith(".old")}
    assert mended == _read(tmp_path / "anew")


def test_a_tree_that_git_laid_anew_is_read_and_taken(tmp_path: Path, taken: list[bool]) -> None:
    files, root, tree = _first(tmp_path)
    shutil.copytree(tree, tmp_path / "copy")
    shutil.rmtree(tree)
    (tmp_path / "copy").rename(tree)
    taken.clear()
    _again(root, files, tree, tmp_path / "anew")
    assert taken == [True]


def test_unchanged_files_keep_their_times(tmp_path: Path, taken: list[bool]) -> None:
    files, root, tree = _first(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("manifests.yaml")}
    taken.clear()
    _again(root, files, tree, tmp_path / "anew")
    after = {path: path.stat().st_mtime_ns for path in tree.rglob("manifests.yaml")}
    assert taken == [True]
    assert after.keys() == before.keys()
    changed = {path.parent.name for path in after if after[path] != before[path]}
    assert len(changed) == 1


def test_an_edit_that_is_taken_back_is_no_edit(tmp_path: Path, taken: list[bool]) -> None:
    files, root, tree = _first(tmp_path)
    before = _read(tree)
    _again(root, copy.deepcopy(files), tree, tmp_path / "anew")
    _write(root, files)
    assert _render(root, tree) == 0
    assert _read(tree) == before
    assert _render(root, tree) == 0
    assert taken == [False, True, True, True]


def test_an_index_that_somebody_edited_is_not_trusted(tmp_path: Path, taken: list[bool]) -> None:
    files, root, tree = _first(tmp_path)
    _append(_one_of(tree))
    index = tree / "index.json"
    index.write_text(index.read_text().replace('"layout"', '"layout"  '))
    taken.clear()
    _again(root, files, tree, tmp_path / "anew")
    assert taken == [False]


@pytest.mark.parametrize("option", [["--check"], ["--cluster", "one"], ["--table"], ["-o", "tree"]])
def test_whoever_asks_for_more_gets_a_full_rendering(
    tmp_path: Path, taken: list[bool], option: list[str]
) -> None:
    _, root, tree = _first(tmp_path)
    taken.clear()
    assert _render(root, tree, *option) == 0
    assert taken == ([True] if option == ["-o", "tree"] else [])


def test_the_inventory_may_stand_elsewhere(tmp_path: Path, taken: list[bool]) -> None:
    files, root, tree = _first(tmp_path)
    inventory = tmp_path / "inventory"
    more = ("--clusters", str(inventory))

    def lay() -> None:
        _write(root, files)
        shutil.rmtree(inventory, ignore_errors=True)
        (root / "clusters").rename(inventory)

    lay()
    assert _render(root, tree, *more) == 0
    _content(files, random.Random(1))
    lay()
    taken.clear()
    assert _render(root, tree, *more) == 0
    assert taken == [True]
    assert _render(root, tmp_path / "anew", "--no-cache", *more) == 0
    assert _read(tree) == _read(tmp_path / "anew")


def test_a_fleet_that_is_warned_of_is_rendered_in_full(tmp_path: Path, taken: list[bool]) -> None:
    files = _fleet(random.Random(3))
    files["idle/policy.yaml"] = [policy("idle", selector("Deployment", name="nobody"))]
    root, tree = tmp_path / "fleet", tmp_path / "tree"
    for _ in range(2):
        _write(root, files)
        assert _render(root, tree) == 0
        _content(files, random.Random(1))
    assert taken == [False, False]
