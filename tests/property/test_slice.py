"""Who asks for less gets the slice: of a cluster, of an app, and of both through the plugin.

Fleets are random, and full of what reaches from one app into another.
"""

import random
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from armada_render import emit
from armada_render.cli import run
from armada_render.cmp.application import answer
from armada_render.cmp.place import Place
from armada_render.cmp.request import Request, Settings
from armada_render.cmp.stream import encoded
from armada_render.emit.argocd.applied import as_applied
from armada_render.errors import ArmadaError, GuardError, Problem
from armada_render.load import Loaded, MemorySource, load, settings
from armada_render.load.lockfile import lock_path
from armada_render.load.near import load_near
from armada_render.load.source import SourceFile
from armada_render.lock import states, text
from armada_render.model.config import CONFIG_NAME, Layout
from armada_render.model.resource import ObjectReference
from armada_render.model.work import Work
from armada_render.narrow import narrowed
from armada_render.pipeline import Rendering, RenderOptions, render
from armada_render.yamlio import Document, dumps, load_documents
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
APPS = tuple(f"app-{number}" for number in range(5))
ALL = (*APPS, "default")
SPACES = ("web", "webster", "shop", "default")
NAMES = ("a", "ab", "c")
CLUSTERS = ("one", "two", "three")
WIDGETS = "widgets.example.io/v1"


class Memory(MemorySource):
    """Files in memory that are named before they are read."""

    def paths(self, ignore: Sequence[str], problems: list[Problem]) -> list[str]:
        return [file.path for file in self.files(ignore, problems)]

    def file(self, path: str, problems: list[Problem]) -> SourceFile | None:
        del problems
        return SourceFile(path, self.read(path))


# What a fleet is made of.


def _maybe(chance: random.Random, share: float, *items: Object) -> list[Object]:
    return [item for item in items if chance.random() < share]


def _placement(chance: random.Random) -> Object:
    names = chance.sample(CLUSTERS, chance.randint(1, 3))
    weights = [
        {"targetCluster": {"clusterNames": [name]}, "weight": weight}
        for weight, name in enumerate(CLUSTERS, 1)
    ]
    divided = {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"staticWeightList": weights},
    }
    affinity = {"clusterAffinity": {"clusterNames": names}}
    groups = [{"affinityName": name, "clusterNames": [name]} for name in names]
    return chance.choice(
        (
            {},
            affinity,
            {**affinity, "replicaScheduling": divided},
            {"clusterAffinities": groups},
        )
    )


def _selector(chance: random.Random) -> Object:
    kind = chance.choice(("ConfigMap", "ConfigMap", "Deployment", "Namespace", "ClusterRole"))
    how = chance.random()
    if how < 0.4:
        return selector(kind, name=chance.choice(NAMES))
    if how < 0.6:
        return selector(kind, labelSelector={"matchLabels": {"tier": chance.choice("xy")}})
    if how < 0.75:
        return {"apiVersion": WIDGETS, "kind": "Widget"}
    return selector(kind)


def _spec(chance: random.Random) -> Object:
    spec: Object = {"placement": _placement(chance), "priority": chance.randint(0, 2)}
    if chance.random() < 0.5:
        spec["propagateDeps"] = True
    if chance.random() < 0.15:
        on_some = {"dispatchingOnClusters": {"clusterNames": ["one"]}}
        spec["suspension"] = chance.choice(({"dispatching": True}, on_some))
    return spec


def _overriders(chance: random.Random) -> Object:
    def write(path: str, value: object) -> Object:
        return {"plaintext": [{"path": path, "operator": "replace", "value": value}]}

    return chance.choice(
        (
            {"labelsOverrider": [{"operator": "add", "value": {"told": chance.choice("xy")}}]},
            {"imageOverrider": [{"component": "Registry", "operator": "add", "value": "r.io"}]},
            write("/metadata/labels", {"tier": "x"}),
        )
        if chance.random() < 0.8
        else (
            write("/metadata/name", "renamed"),
            write("/metadata/namespace", chance.choice(SPACES)),
            {
                "imageOverrider": [
                    {
                        "predicate": {"path": "/metadata/namespace"},
                        "component": "Repository",
                        "operator": "add",
                        "value": "ster",
                    }
                ]
            },
        )
    )


def _object(chance: random.Random) -> Object:
    space = chance.choice(SPACES)
    home = {} if space == "default" and chance.random() < 0.5 else {"namespace": space}
    labels = chance.choice(({}, {"tier": "x"}, {"tier": "y"}))
    name = chance.choice(NAMES)
    kind = chance.randrange(12)
    if kind < 4:
        workload = deployment(name, chance.randint(0, 5), labels=labels, **home)
        workload["spec"]["template"]["spec"]["volumes"] = [
            {"name": f"v{mounted}", "configMap": {"name": mounted}} for mounted in NAMES[:2]
        ]
        return workload
    if kind < 8:
        found = config_map(name, labels=labels, **home)
        if chance.random() < 0.1:
            found["metadata"]["annotations"] = {
                "propagationpolicy.karmada.io/namespace": chance.choice(SPACES),
                "propagationpolicy.karmada.io/name": chance.choice(APPS),
            }
        return found
    if kind == 8:
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
    if kind == 9:
        role = {"name": name, "labels": labels}
        return {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": role,
        }
    if kind == 10:
        return {"apiVersion": WIDGETS, "kind": "Widget", "metadata": {"name": name, **home}}
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [config_map(f"{name}-listed", **home)],
    }


def _definition(chance: random.Random) -> Object:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.widgets.example.io"},
        "spec": {
            "group": "widgets.example.io",
            "scope": chance.choice(("Cluster", "Namespaced")),
            "names": {"kind": "Widget", "plural": "widgets"},
        },
    }


def _customization(chance: random.Random) -> Object:
    operation, script = chance.choice(
        (
            ("healthInterpretation", "function InterpretHealth(o) return true end"),
            (
                "dependencyInterpretation",
                (
                    "function GetDependencies(o) return {{apiVersion = 'v1', kind = 'ConfigMap', "
                    "namespace = 'shop', name = 'a'}} end"
                ),
            ),
            (
                "replicaRevision",
                "function ReviseReplica(o, n) o.metadata.namespace = 'shop' return o end",
            ),
        )
    )
    return {
        "apiVersion": "config.karmada.io/v1alpha1",
        "kind": "ResourceInterpreterCustomization",
        "metadata": {"name": "custom"},
        "spec": {
            "target": {"apiVersion": "apps/v1", "kind": "Deployment"},
            "customizations": {operation: {"luaScript": script}},
        },
    }


def _fleet(chance: random.Random) -> Files:
    """Return a fleet in which names are scarce, so that apps meet each other."""
    files: Files = {"clusters/all.yaml": [cluster(name) for name in CLUSTERS]}
    seen: set[tuple[str, str, str]] = set()
    for path in (*(f"{app}/app.yaml" for app in APPS), "root.yaml", "app-0/below/more.yaml"):
        for item in (_object(chance) for _ in range(chance.randint(1, 4))):
            inner = item["items"][0] if "items" in item else item
            meta = inner["metadata"]
            key = (inner["kind"], meta.get("namespace", "default"), meta["name"])
            if key not in seen:
                seen.add(key)
                files.setdefault(path, []).append(item)
    for app in APPS:
        where = chance.choice((f"{app}/policies.yaml", f"policies/{app}.yaml"))
        space = chance.choice((*SPACES, *SPACES, ""))
        files[where] = [
            policy(app, _selector(chance), _selector(chance), namespace=space, **_spec(chance))
        ]
    if chance.random() < 0.6:
        files["policies/wide.yaml"] = [
            policy("wide", _selector(chance), namespace="", **_spec(chance))
        ]
    for number in range(chance.randint(0, 3)):
        space = chance.choice((*SPACES, *SPACES, *SPACES, ""))
        where = chance.choice((f"{chance.choice(APPS)}/o{number}.yaml", f"over/{number}.yaml"))
        files[where] = [override(f"o{number}", _overriders(chance), namespace=space)]
    if chance.random() < 0.3:
        files[f"{chance.choice((*APPS, 'crds'))}/widgets.yaml"] = [_definition(chance)]
    if chance.random() < 0.12:
        files["custom/rules.yaml"] = [_customization(chance)]
    return files


def _disguised(chance: random.Random, data: bytes) -> bytes:
    """Return the same YAML in which names do not stand in plain letters."""
    how = chance.random()
    if how < 0.05:
        return data.decode().encode("utf-16")
    if how < 0.2:
        for word in (*SPACES[:3], "ConfigMap"):
            data = data.replace(
                f": {word}\n".encode(), f': "\\x{ord(word[0]):02x}{word[1:]}"\n'.encode()
            )
    return data


def _with_lock(chance: random.Random, texts: dict[str, bytes]) -> None:
    """Add lock entries that stem from another day, some with an old copy."""
    rendering = render(load(Memory(texts)).fleet)
    for ref, state in states(rendering.bindings).items():
        if chance.random() < 0.5:
            continue
        said = text(state)
        for cluster_ in CLUSTERS:
            if chance.random() < 0.3:
                said = said.replace(f"name: {cluster_}\n", f"name: {chance.choice(CLUSTERS)}\n")
        if "eviction" not in said and chance.random() < 0.4:
            task = (
                "  gracefulEvictionTasks:\n  - fromCluster: three\n    producer: p\n"
                "    purgeMode: Never\n    reason: r\n    suppressDeletion: true\n  resource:\n"
            )
            said = said.replace("  resource:\n", task)
            path = lock_path(ref).replace(".armada/bindings/", ".armada/frozen/three/")
            needed = config_map("a", namespace=ref.namespace or "shop")
            old = {
                "apiVersion": ref.api_version,
                "kind": ref.kind,
                "metadata": {
                    "name": ref.name,
                    **({"namespace": ref.namespace} if ref.namespace else {}),
                },
            }
            texts[path] = "---\n".join(map(dumps, (old, needed))).encode()
        texts[lock_path(ref)] = said.encode()


class Case(Struct, frozen=True, eq=False):
    """A fleet as files, what was loaded of it, and its full rendering."""

    texts: Mapping[str, bytes]
    loaded: Loaded
    whole: Rendering

    @property
    def source(self) -> Memory:
        return Memory(self.texts)


def _case(seed: int) -> Case:
    chance = random.Random(seed)
    texts = {
        path: _disguised(chance, "---\n".join(map(dumps, objects)).encode())
        for path, objects in _fleet(chance).items()
    }
    said = []
    if chance.random() < 0.2:
        said.append("namespace: web")
    if chance.random() < 0.3:
        said.append("argocd: {repoURL: https://example.com/x.git, revision: main}")
    if said:
        texts[CONFIG_NAME] = "\n".join(said).encode()
    if chance.random() < 0.5:
        _with_lock(chance, texts)
    loaded = load(Memory(texts))
    return Case(texts, loaded, render(loaded.fleet))


def _part(works: Mapping[str, Iterable[Work]], wanted: Callable[[Work], bool]) -> bytes:
    """Return what clusters get, in the bytes of a stream and of a tree."""
    part = {
        name: mine
        for name, group in works.items()
        if (mine := tuple(work for work in group if wanted(work)))
    }
    tree = emit.tree(part, Layout.FILES)
    return b"".join(emit.stream(part)) + b"".join(
        file.path.encode() + b"\0" + file.data for file in tree
    )


def _of(*apps: str) -> Callable[[Work], bool]:
    return lambda work: work.app in apps


def _bindings(rendering: Rendering) -> dict[str, Any]:
    return dict(rendering.to_dict()["bindings"])


def _reached(case: Case, app: str) -> Iterable[str]:
    """Yield in which ways others reach an app, and what is not simple about what it gets."""
    yield from _ways_to_bindings(case, app)
    bound = {one.ref for one in case.whole.bindings}
    for name, group in case.whole.works.items():
        for work in group:
            if work.app == app:
                held = name in case.whole.suspended.get(work.template, ())
                yield from (way for way, is_so in _kinds(work, bound, held=held) if is_so)


def _ways_to_bindings(case: Case, app: str) -> Iterable[str]:
    own = [one for one in case.whole.bindings if one.template.app == app]
    names = {(one.namespace, one.name): one.template.app for one in case.whole.bindings}
    for one in own:
        if any(names[by.namespace, by.name] != app for by in one.required_by):
            yield "dependencies of others"
        if one.policy and one.policy.location and not _is_in(one.policy.location.path, app):
            yield "policies of others"
        if one.policy and not one.policy.namespace:
            yield "cluster-wide policies"
        if one.previous:
            yield "lock"


def _kinds(
    work: Work, bound: Container[ObjectReference], *, held: bool
) -> Iterable[tuple[str, bool]]:
    template = work.template
    yield "renamed", work.ref.name != template.name
    yield "moved", work.ref.namespace != template.namespace
    yield "Namespaces that follow", template.kind == "Namespace" and template not in bound
    yield "old copies", work.is_frozen
    yield "suspended", held
    yield (
        "kinds that a definition makes cluster-scoped",
        template.kind == "Widget" and not template.namespace,
    )


def _is_in(path: str, app: str) -> bool:
    return path.startswith(f"{app}/") or (app == "default" and "/" not in path)


SEEDS = range(400)
WAYS = {
    "dependencies of others": 40,
    "policies of others": 200,
    "cluster-wide policies": 100,
    "lock": 50,
    "renamed": 5,
    "moved": 5,
    "Namespaces that follow": 20,
    "old copies": 15,
    "suspended": 30,
    "kinds that a definition makes cluster-scoped": 2,
    "slice": 400,
    "something": 250,
    "everything is read": 20,
    "files left unread": 250,
    "fleets with problems": 5,
}
"""How often what must happen at least, so that nobody proves much of little."""


def test_an_app_gets_its_part_of_the_whole() -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        case = _case(seed)
        if case.whole.problems:
            counts["fleets with problems"] += 1
            continue
        for app in ALL:
            _assert_part(case, app, seed, counts)
    missing = {way: counts[way] for way, least in WAYS.items() if counts[way] < least}
    assert not missing, counts


def _assert_part(case: Case, app: str, seed: int, counts: Counter[str]) -> None:
    parsed: list[bytes] = []

    def read(data: bytes) -> list[Document]:
        parsed.append(data)
        return load_documents(data)

    folders = (app, "") if app == "default" else (app,)
    near = load_near(
        case.source, folders, settings(case.source), read=read, digest=lambda data: str(hash(data))
    )
    if near is None:
        counts["everything is read"] += 1
        return
    part = render(near.fleet)
    assert not part.problems, (seed, app)
    dispatched = {name: case.whole.dispatched(name) for name in case.whole.works}
    expected = _part(dispatched, _of(app))
    found = _part({name: part.dispatched(name) for name in part.works}, _of(app))
    assert found == expected, (seed, app)
    _, narrow = narrowed(near, part, (app,))
    _, meant = narrowed(case.loaded, case.whole, (app,))
    assert _bindings(narrow) == _bindings(meant), (seed, app)
    assert narrow.suspended == meant.suspended, (seed, app)
    assert narrow.unpropagated == meant.unpropagated, (seed, app)
    assert near.digests.keys() == {*case.texts}, (seed, app)
    counts["slice"] += 1
    counts["something"] += bool(expected)
    counts["files left unread"] += len(parsed) < len(case.texts)
    counts.update(set(_reached(case, app)))


def test_several_apps_get_their_parts_together() -> None:
    together = 0
    for seed in SEEDS[:100]:
        case = _case(seed)
        pair = random.Random(seed).sample(APPS, 2)
        near = load_near(case.source, pair, settings(case.source))
        if case.whole.problems or near is None:
            continue
        expected = _part(case.whole.works, _of(*pair))
        assert _part(render(near.fleet).works, _of(*pair)) == expected, seed
        together += bool(expected)
    assert together > 40


def test_a_cluster_alone_gets_what_it_gets_among_others() -> None:
    compared = 0
    for seed in SEEDS[:200]:
        case = _case(seed)
        if case.whole.problems:
            continue
        for name in CLUSTERS:
            alone = render(case.loaded.fleet, RenderOptions(clusters=frozenset((name,))))
            expected = {name: case.whole.dispatched(name)} if name in case.whole.works else {}
            found = {one: alone.dispatched(one) for one in alone.works}
            assert _part(found, bool) == _part(expected, bool), (seed, name)
            assert alone.suspended == case.whole.suspended
            assert alone.bindings == case.whole.bindings or _bindings(alone) == _bindings(
                case.whole
            )
            compared += bool(expected)
    assert compared > 200


ANY = Settings(any_name=True, any_kind=True)


def _written(case: Case, root: Path) -> None:
    for path, data in case.texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def test_the_plugin_answers_with_its_part_as_it_is_applied(tmp_path: Path) -> None:
    answers = 0
    for seed in SEEDS[:80]:
        case = _case(seed)
        if case.whole.problems:
            continue
        root = tmp_path / str(seed)
        _written(case, root)
        for app in (*APPS, "app-0/below"):
            for name in CLUSTERS:
                answers += _assert_answer(case, root, app, name)
    assert answers > 150


def _assert_answer(case: Case, root: Path, app: str, cluster_: str) -> bool:
    own = {
        template.ref
        for template in case.loaded.fleet.templates
        if template.location and template.location.path.startswith(f"{app}/")
    }
    mine = [work for work in case.whole.works.get(cluster_, ()) if work.template in own]
    part = [work for work in case.whole.dispatched(cluster_) if work.template in own]
    place, request = Place(root=str(root), app=app), Request(cluster=cluster_)
    if not part or len(part) < len(mine):
        with pytest.raises(ArmadaError):
            answer(request, ANY, place)
        return False
    applied = as_applied({cluster_: part}, case.loaded.config.argocd)[cluster_]
    try:
        expected = encoded(applied, any_kind=True)
        found = answer(request, ANY, place)
    except GuardError:
        return False  # what the lock places here besides, and objects that replace one another
    assert found == expected
    return True


@pytest.mark.parametrize("seed", range(25))
def test_the_command_line_writes_and_prints_parts(
    seed: int, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    case = _case(seed)
    root = tmp_path / "fleet"
    _written(case, root)
    if _render(root, "--output-dir", str(tmp_path / "whole"), "--layout", "files"):
        return  # an error, or a guard
    whole = _read(tmp_path / "whole")
    capfdbinary.readouterr()
    for name in CLUSTERS:
        mine = {path: data for path, data in whole.items() if path.startswith(f"{name}/")}
        code, part = _tree(root, tmp_path / "part", "--cluster", name)
        assert (code, part) == ((0, mine) if mine else (7, {})), name
        if mine:
            assert _render(root, "--cluster", name) == 0
            expected = b"".join(emit.stream(_applied(case, {name: case.whole.dispatched(name)})))
            assert capfdbinary.readouterr().out == expected
    known = {template.app for template in case.loaded.fleet.templates}
    for app in ALL:
        mine = {path: data for path, data in whole.items() if path.split("/")[1] == app}
        code, part = _tree(root, tmp_path / "part", "--app", app)
        assert (code, part) == ((0, mine) if app in known else (2, {})), app
    for app in sorted(known):
        assert _render(root, "--output-dir", str(tmp_path / "grown"), "--app", app) == 0
    assert _render(root, "--output-dir", str(tmp_path / "bundles")) == 0
    assert _read(tmp_path / "grown", index=True) == _read(tmp_path / "bundles", index=True)


def _applied(case: Case, works: Mapping[str, Sequence[Work]]) -> Mapping[str, Sequence[Work]]:
    argocd = case.loaded.config.argocd
    return works if argocd is None else as_applied(works, argocd)


def _render(root: Path, *more: str) -> int:
    return run(["-q", "render", str(root), "--no-cache", *more])


def _tree(root: Path, tree: Path, *more: str) -> tuple[int, dict[str, bytes]]:
    """Write a part into an empty folder and return its files."""
    folder = tree / "-".join(more)
    code = _render(root, "--output-dir", str(folder), "--layout", "files", *more)
    return code, _read(folder)


def _read(tree: Path, *, index: bool = False) -> dict[str, bytes]:
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in tree.rglob("*")
        if path.is_file() and (index or path.name != "index.json")
    }
