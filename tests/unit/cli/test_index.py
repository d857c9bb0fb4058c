"""What `index merge` refuses: parts that are damaged, hostile, incomplete, or of something else."""

import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from armada_render.cli import run
from armada_render.errors import ExitCode
from armada_render.model.shard import Shard, parsed_shard
from armada_render.yamlio import dumps
from tests.support.objects import cluster, config_map, policy, selector

APPS = ("web", "api", "data", "jobs")
Capture = pytest.CaptureFixture[str]


def _fleet(root: Path) -> None:
    files = {"clusters.yaml": [cluster("one"), cluster("two")]}
    for app in APPS:
        files[f"{app}/app.yaml"] = [config_map(app), policy(app, selector("ConfigMap", name=app))]
    for path, objects in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("---\n".join(map(dumps, objects)))


def _render(number: int, of: int) -> str:
    part = f"part-{number}"
    assert run(["render", "fleet", "--shard", f"{number}/{of}", "--output-dir", part]) == 0
    return part


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two parts of a fleet, both with files, in the working directory."""
    monkeypatch.chdir(tmp_path)
    _fleet(Path("fleet"))
    found = [_render(1, 2), _render(2, 2)]
    assert all(list(Path(part).rglob("manifests.yaml")) for part in found)
    return found


def _merge(*parts: str, path: str = "fleet") -> int:
    return run(["index", "merge", path, "--output-dir", "tree", *parts])


def _index(part: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(part, "index.json").read_text())
    return found


def _with_index(part: str, **fields: object) -> None:
    Path(part, "index.json").write_text(json.dumps({**_index(part), **fields}))


def _file(part: str) -> Path:
    return min(Path(part).rglob("manifests.yaml"))


def _changed_file(part: str) -> None:
    _file(part).write_text(_file(part).read_text() + "# by hand\n")


def _linked_file(part: str) -> None:
    path = _file(part)
    path.rename("elsewhere.yaml")
    path.symlink_to(Path("elsewhere.yaml").absolute())


def _linked_folder(part: str) -> None:
    folder = _file(part).parent
    folder.rename("elsewhere")
    folder.symlink_to(Path("elsewhere").absolute())


def _linked_cluster(part: str) -> None:
    folder = Path(part, "one")
    folder.rename("elsewhere")
    folder.symlink_to(Path("elsewhere").absolute())


def _pipe(part: str) -> None:
    path = _file(part)
    path.unlink()
    os.mkfifo(path)


def _folder_for_file(part: str) -> None:
    path = _file(part)
    path.unlink()
    path.mkdir()


def _path(path: str) -> Callable[[str], None]:
    return lambda part: _with_index(part, files={path: "0" * 64})


def _shard(number: int, of: int) -> Callable[[str], None]:
    return lambda part: _with_index(part, shard={"number": number, "of": of})


def _foreign_cluster(part: str) -> None:
    Path(part, "two").rename(Path(part, "three"))
    text = Path(part, "index.json").read_text()
    Path(part, "index.json").write_text(text.replace('"two/', '"three/'))


def _no_yaml(part: str) -> None:
    data = b"a: [\n"
    _file(part).write_bytes(data)
    files = {str(_file(part).relative_to(part)): sha256(data).hexdigest()}
    _with_index(part, files=files)


DAMAGE: list[tuple[Callable[[str], object], str]] = [
    (_changed_file, "is not what the shard wrote"),
    (lambda part: _file(part).unlink(), "No such file"),
    (_linked_file, "cannot be read"),
    (_linked_folder, "cannot be read"),
    (_linked_cluster, "cannot be read"),
    (_pipe, "is not what the shard wrote"),
    (_folder_for_file, "cannot be read"),
    (_path("../web/manifests.yaml"), "is no path of a tree"),
    (_path("one/../../x"), "is no path of a tree"),
    (_path("/etc/cron.d/x"), "is no path of a tree"),
    (_path("index.json"), "is no path of a tree"),
    (_path("one/web"), "is no path of a tree"),
    (lambda part: _with_index(part, files={"one/web/m.yaml": "abc"}), "has no SHA-256"),
    (_foreign_cluster, "there is no such cluster"),
    (_no_yaml, "is no file of a tree"),
    (lambda part: Path(part, "index.json").write_text("{"), "is not an index"),
    (lambda part: Path(part, "index.json").write_bytes(b"\xff"), "is not an index"),
    (lambda part: Path(part, "index.json").unlink(), "there is no index.json"),
    (shutil.rmtree, "there is no index.json"),
    (lambda part: _with_index(part, shard=None), "rendered without --shard"),
    (_shard(0, 2), "which cannot be"),
    (_shard(3, 2), "which cannot be"),
    (_shard(1, 10**9), "does not belong to part"),
    (lambda part: _with_index(part, inputs="sha256:0"), "differ in inputs"),
    (lambda part: _with_index(part, layout="files"), "differ in layout"),
    (lambda part: _with_index(part, layout="other"), "is not an index"),
    (lambda part: _with_index(part, renderer={"version": "9"}), "differ in version"),
]


@pytest.mark.parametrize(("damage", "message"), DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_part_is_refused_and_nothing_is_written(
    parts: list[str], capsys: Capture, damage: Callable[[str], object], message: str
) -> None:
    damage(next(part for part in parts if Path(part, "one", "web").exists()))
    assert _merge(*parts) == ExitCode.INPUT
    assert message in capsys.readouterr().err
    assert not list(Path().glob("tree/*"))


def test_a_damaged_part_leaves_an_old_tree_as_it_was(parts: list[str]) -> None:
    assert _merge(*parts) == 0
    before = {path: path.read_bytes() for path in Path("tree").rglob("*") if path.is_file()}
    _changed_file(parts[1])
    assert _merge(*parts) == ExitCode.INPUT
    after = {path: path.read_bytes() for path in Path("tree").rglob("*") if path.is_file()}
    assert after == before


def test_an_index_that_is_a_link_or_a_pipe_is_not_read(parts: list[str], capsys: Capture) -> None:
    index = Path(parts[0], "index.json")
    index.rename("elsewhere.json")
    index.symlink_to(Path("elsewhere.json").absolute())
    assert _merge(*parts) == ExitCode.SOURCE
    index.unlink()
    os.mkfifo(index)
    assert _merge(*parts) == ExitCode.INPUT
    assert "is no regular file" in capsys.readouterr().err


def test_all_parts_are_there_once(parts: list[str], capsys: Capture) -> None:
    assert _merge(parts[1]) == ExitCode.INPUT
    assert "of 2 parts these are missing: 1\n" in capsys.readouterr().err
    assert _merge(parts[0], parts[0]) == ExitCode.INPUT
    told = capsys.readouterr().err
    assert "part 1/2 is there twice: part-1, part-1" in told
    assert "of 2 parts these are missing: 2\n" in told
    other = _render(3, 100)
    assert _merge(other) == ExitCode.INPUT
    assert "and 79 more" in capsys.readouterr().err
    assert _merge(*parts, other) == ExitCode.INPUT
    assert "differ in number of shards" in capsys.readouterr().err


def test_parts_are_of_one_rendering_and_of_path_as_it_is(parts: list[str], capsys: Capture) -> None:
    Path("fleet", "web", "more.yaml").write_text(dumps(config_map("more")))
    assert _merge(*parts) == ExitCode.INPUT
    assert "were not rendered from fleet as it is now" in capsys.readouterr().err
    shutil.rmtree(parts[0])
    assert _merge(_render(1, 2), parts[1]) == ExitCode.INPUT
    assert "differ in inputs" in capsys.readouterr().err
    record = {"number": 2, "of": 2, "strictInventory": True}
    _with_index(_render(2, 2), shard=record)
    assert _merge(*parts) == ExitCode.INPUT
    assert "differ in --strict-inventory" in capsys.readouterr().err


def test_parts_of_another_version_are_refused(parts: list[str], capsys: Capture) -> None:
    for part in parts:
        _with_index(part, renderer={"karmada": "v1.0", "version": "0"})
    assert _merge(*parts) == ExitCode.INPUT
    assert "was not written by this version" in capsys.readouterr().err


def test_the_tree_lies_beside_the_parts(parts: list[str], capsys: Capture) -> None:
    for folder, message in (
        (".", "lie in each other"),
        ("part-1/tree", "lie in each other"),
        ("part-1", "is a part itself"),
        ("fleet/tree", "lies inside fleet"),
    ):
        assert run(["index", "merge", "fleet", "--output-dir", folder, *parts]) == ExitCode.INPUT
        assert message in capsys.readouterr().err


def test_a_part_never_replaces_a_whole_tree(parts: list[str], capsys: Capture) -> None:
    assert _merge(*parts) == 0
    assert run(["render", "fleet", "--shard", "1/2", "--output-dir", "tree"]) == ExitCode.INPUT
    assert "holds a whole tree" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--output-dir", "x", "--check"],
        ["--output-dir", "x", "--cluster", "one"],
        ["--output-dir", "x", "--keep-going"],
        ["--output-dir", "x", "--base", "HEAD"],
        ["--output-dir", "x", "--acknowledge", "because"],
        ["-o", "stream"],
        [],
    ],
)
def test_a_part_is_of_a_tree_and_of_all_that_is_asked(parts: list[str], options: list[str]) -> None:
    assert parts
    assert run(["render", "fleet", "--shard", "1/2", *options]) == ExitCode.USAGE


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", "٣/٤", " 1/2"])
@pytest.mark.usefixtures("parts")
def test_what_is_no_shard(text: str) -> None:
    assert parsed_shard(text) is None
    assert run(["render", "fleet", "--output-dir", "x", "--shard", text]) == ExitCode.USAGE


def test_each_app_is_in_one_shard_for_ever() -> None:
    assert [next(n for n in range(1, 4) if Shard(n, 3).holds(app)) for app in APPS] == [1, 2, 2, 2]
    for of in range(1, 9):
        for number in range(100):
            assert sum(Shard(one, of).holds(f"app-{number}") for one in range(1, of + 1)) == 1


def test_nothing_in_all_parts_is_never_written(parts: list[str], capsys: Capture) -> None:
    for app in APPS:
        Path("fleet", app, "app.yaml").write_text(dumps(config_map(app)))
    assert _merge(_render(1, 2), _render(2, 2)) == ExitCode.GUARD
    assert "no cluster gets anything" in capsys.readouterr().err
    assert parts


@pytest.mark.parametrize("clusters", [["one"], ["one", "two"]])
def test_an_object_of_two_apps_on_one_cluster_is_refused(
    parts: list[str], capsys: Capture, clusters: list[str]
) -> None:
    for name in clusters:
        first, second = _file_of("web", name), _file_of("api", name)
        second.write_bytes(first.read_bytes())
        part = second.parts[0]
        files: Any = _index(part)["files"]
        _with_index(
            part,
            files={
                **files,
                str(second.relative_to(part)): sha256(second.read_bytes()).hexdigest(),
            },
        )
    assert _merge(*parts) == ExitCode.GUARD
    told = capsys.readouterr().err
    where = "on one" if len(clusters) == 1 else "on 2 clusters"
    assert f"ConfigMap default/web: {where} it is the same object in the apps api and web" in told


def _file_of(app: str, on: str) -> Path:
    (path,) = Path().glob(f"part-*/{on}/{app}/manifests.yaml")
    return path
