"""Parts that shards rendered become, when merged, what one process makes of the same fleet."""

import copy
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from armada_render.cli import ahead, jobs, run
from armada_render.errors import ExitCode
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
SPACES = ("red", "blue", "default")
CLUSTERS = ("one", "two", "three", "four")
EVERYWHERE: Object = {}


def _only(*names: str) -> Object:
    return {"clusterAffinity": {"clusterNames": list(names)}}


def _placement(chance: random.Random) -> Object:
    divided = {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {
            "staticWeightList": [
                {"targetCluster": {"clusterNames": [name]}, "weight": weight}
                for weight, name in enumerate(CLUSTERS, 1)
            ]
        },
    }
    names = chance.sample(CLUSTERS, chance.randint(1, 4))
    return chance.choice(
        (EVERYWHERE, _only(*names), {**_only(*names), "replicaScheduling": divided})
    )


def _overriders(chance: random.Random, name: str) -> Object:
    def write(path: str, value: str) -> Object:
        return {"plaintext": [{"path": path, "operator": "replace", "value": value}]}

    return chance.choice(
        (
            {"labelsOverrider": [{"operator": "add", "value": {"tier": name}}]},
            {"imageOverrider": [{"component": "Registry", "operator": "add", "value": name}]},
            write("/metadata/name", f"{name}-renamed"),
            write("/metadata/namespace", chance.choice(SPACES)),
        )
    )


def _fleet(chance: random.Random) -> Files:
    files: Files = {
        "clusters/all.yaml": [cluster(name) for name in CLUSTERS],
        "alone.yaml": [config_map("alone", namespace="red")],
        "armada.yaml": [{"argocd": {"repoURL": "https://example.com/fleet.git"}}],
    }
    for name in APPS:
        space = chance.choice(SPACES)
        mounted = chance.choice((name, chance.choice(APPS)))
        workload = deployment(name, 4, namespace=space, labels={"tier": chance.choice("ab")})
        workload["spec"]["template"]["spec"]["volumes"] = [
            {"name": "settings", "configMap": {"name": mounted}}
        ]
        files[f"{name}/app.yaml"] = [
            workload,
            config_map(name, namespace=space),
            config_map(f"{name}-more", namespace=space),
        ]
        files[f"{name}/policies.yaml"] = [
            policy(
                name,
                selector("Deployment", name=name),
                *([selector("ConfigMap", name=name)] if chance.random() < 0.6 else []),
                namespace=space,
                placement=_placement(chance),
                propagateDeps=chance.random() < 0.5,
            )
        ]
        if chance.random() < 0.4:
            files[f"{name}/policies.yaml"].append(
                override(
                    name,
                    _overriders(chance, name),
                    namespace=space,
                    clusters=chance.sample(CLUSTERS, 2),
                )
            )
    if chance.random() < 0.5:
        wide = selector("ConfigMap", labelSelector={"matchLabels": {"wide": "yes"}})
        files["wide/policies.yaml"] = [
            policy("wide", wide, namespace="", placement=_placement(chance))
        ]
        for item in files[f"{chance.choice(APPS)}/app.yaml"][2:]:
            item["metadata"]["labels"] = {"wide": "yes"}
    if chance.random() < 0.5:
        files["spaces/all.yaml"] = [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
            for space in SPACES[:2]
        ]
    return files


def _edit(files: Files, chance: random.Random) -> None:
    """Change something, rather often so that a guard has a word to say."""
    app = chance.choice(APPS)
    rules = files[f"{app}/policies.yaml"]
    match chance.randrange(6):
        case 0:
            rules[0]["spec"]["placement"] = _only("one")
        case 1:
            rules[0]["spec"]["placement"] = EVERYWHERE
        case 2:
            files.pop(f"{app}/app.yaml", None)
        case 3:
            rules[0]["spec"]["propagateDeps"] = not rules[0]["spec"]["propagateDeps"]
        case 4:
            entry = {"app": app, "cluster": chance.choice(CLUSTERS)}
            files["armada.yaml"][0].setdefault("retire", []).append(entry)
            others = [name for name in CLUSTERS if name != entry["cluster"]]
            rules[0]["spec"]["placement"] = _only(*others)
        case _:
            for item in files.get(f"{app}/app.yaml", ())[1:]:
                item["data"]["key"] = str(chance.random())


def _write(root: Path, files: Files) -> None:
    for old in root.glob("*"):
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    for path, objects in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("---\n".join(map(dumps, objects)))


def _read(tree: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()
    }


def _merged(root: Path, tree: Path, count: int, chance: random.Random, *more: str) -> int:
    """Render all parts, and merge them in any order; return the worst exit code."""
    parts = [tree.with_name(f"part-{number}") for number in range(1, count + 1)]
    for number, part in enumerate(parts, 1):
        shutil.rmtree(part, ignore_errors=True)
        code = run(
            ["render", str(root), "--shard", f"{number}/{count}", "--output-dir", str(part), *more]
        )
        if code:
            return code
    chance.shuffle(parts)
    return run(["index", "merge", str(root), "--output-dir", str(tree), *map(str, parts)])


@pytest.mark.parametrize("group", range(5))
def test_merged_parts_are_the_tree_of_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(ahead, "SMALL", 0)
    monkeypatch.setattr(jobs, "_SMALL_OUTPUT", 0)
    seen: Counter[int] = Counter()
    for seed in range(5 * group, 5 * group + 5):
        chance = random.Random(seed)
        folder = tmp_path / str(seed)
        root, whole, merged = folder / "fleet", folder / "whole", folder / "merged"
        root.mkdir(parents=True)
        files, good = _fleet(chance), None
        more = ("--layout", chance.choice(("bundle", "files")))
        for _ in range(5):
            _write(root, files)
            if chance.random() < 0.3:
                run(["lock", str(root)])
            code = run(["render", str(root), "--output-dir", str(whole), "--no-cache", *more])
            parallel = (*more, "--no-cache", "--jobs", str(chance.randint(1, 3)))
            assert code == _merged(root, merged, chance.randint(1, 5), chance, *parallel)
            seen[code] += 1
            if whole.exists():
                assert _read(merged) == _read(whole)
            if code == 0:
                good = copy.deepcopy(files)
            elif good is None:
                files = _fleet(chance)
                continue
            files = copy.deepcopy(good)
            _edit(files, chance)
    assert seen[ExitCode.OK] > 5, seen
    assert seen[ExitCode.GUARD], seen


def test_a_merge_writes_only_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    chance = random.Random(1)
    root, tree = tmp_path / "fleet", tmp_path / "tree"
    root.mkdir()
    files: Files = {"clusters/all.yaml": [cluster("one"), cluster("two")]}
    for name in APPS:
        files[f"{name}/app.yaml"] = [
            config_map(name),
            config_map(f"{name}-more"),
            policy(name, selector("ConfigMap", name=name)),
            policy(f"{name}-more", selector("ConfigMap", name=f"{name}-more")),
        ]
    _write(root, files)
    assert _merged(root, tree, 3, chance) == 0
    times = {path: path.stat().st_mtime_ns for path in tree.rglob("manifests.yaml")}
    files["app-1/app.yaml"][0]["data"]["key"] = "changed"
    _write(root, files)
    assert _merged(root, tree, 4, chance) == 0
    changed = {path.parent.name for path, time in times.items() if path.stat().st_mtime_ns != time}
    assert changed == {"app-1"}
    files["armada.yaml"] = [{"retire": [{"app": "app-2"}]}]
    del files["app-2/app.yaml"]
    _write(root, files)
    assert _merged(root, tree, 2, chance) == 0
    assert not list(tree.rglob("app-2"))
