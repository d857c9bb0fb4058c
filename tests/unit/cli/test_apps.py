"""`render --app`: what some apps get, from what can reach them."""

import json
import shutil
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from armada_render.cli import run
from tests.support.repository import commit, repository

EXAMPLES = Path(__file__).parents[3] / "examples"
Render = Callable[..., int]
BROKEN = "{{ no YAML"


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Render:
    """Make the working directory one that holds the example fleet as `fleet`."""
    shutil.copytree(EXAMPLES / "app-manifests", tmp_path / "fleet")
    monkeypatch.chdir(tmp_path)
    return lambda *words: run(["-q", "render", "fleet", *words])


def _files(root: str) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in Path(root).rglob("*")
        if path.is_file()
    }


def _edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def test_app_by_app_a_tree_becomes_that_of_a_full_render(render: Render) -> None:
    Path("fleet/.armada").mkdir()
    Path("fleet/.armada/freeze").write_text("for now")
    assert render("--output-dir", "whole") == 0
    for app in ("app-simple-canary", "nginx", "rabbitmq", "redis"):
        assert render("--output-dir", "parts", "--app", app) == 0
    assert _files("parts") == _files("whole")
    assert render("--output-dir", "parts", "--check") == 0


def test_a_tree_keeps_what_was_not_asked_for_and_says_so(
    render: Render, capfd: pytest.CaptureFixture[str]
) -> None:
    assert render("--output-dir", "out") == 0
    before = _files("out")
    for app in ("redis", "rabbitmq"):
        _edit(f"fleet/{app}/deployment.yaml", "replicas: 4", "replicas: 6")
    capfd.readouterr()
    part = ("--output-dir", "out", "--app", "redis")
    assert render(*part, "--check") == 1
    assert capfd.readouterr().out.splitlines() == [
        "out of date: index.json",
        "out of date: pegasus/redis/manifests.yaml",
    ]
    assert render(*part) == 0
    after = _files("out")
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {"pegasus/redis/manifests.yaml", "index.json"}
    assert json.loads(after["index.json"])["files"].keys() == before.keys() - {"index.json"}
    assert render(*part, "--cluster", "pegasus-2", "--check") == 0
    assert render("--output-dir", "out", "--check") == 1


def test_a_cluster_and_an_app_are_the_folder_that_both_name(render: Render) -> None:
    assert render("--output-dir", "out", "--app", "rabbitmq", "--cluster", "pegasus") == 0
    assert _files("out").keys() == {"index.json", "pegasus/rabbitmq/manifests.yaml"}


def test_an_app_that_is_gone_goes_when_somebody_agrees(
    render: Render, capfd: pytest.CaptureFixture[str]
) -> None:
    assert render("--output-dir", "out") == 0
    shutil.rmtree("fleet/redis")
    shutil.rmtree("fleet/nginx")
    part = ("--output-dir", "out", "--app", "redis")
    assert render(*part) == 7
    assert "Deployment default/redis (the last copy)" in capfd.readouterr().err
    assert render(*part, "--acknowledge", "closed") == 0
    (file,) = Path("fleet/.armada/acknowledged").iterdir()
    assert "redis" in file.read_text()
    assert "nginx" not in file.read_text()
    assert not Path("out/pegasus/redis").exists()
    assert Path("out/pegasus-2/nginx/manifests.yaml").exists()
    spent = json.loads(Path("out/index.json").read_text())["acknowledged"]
    assert len(spent) == 1
    # A run about others keeps what the index says of it, though it does not read the file.
    assert render("--output-dir", "out", "--app", "rabbitmq") == 0
    assert json.loads(Path("out/index.json").read_text())["acknowledged"] == spent
    assert render("--output-dir", "out") == 7
    assert "redis" not in capfd.readouterr().err


def test_an_acknowledgement_of_two_apps_is_not_spent_by_one(render: Render) -> None:
    assert render("--output-dir", "out") == 0
    for app in ("redis", "nginx"):
        shutil.move(f"fleet/{app}", f"{app}-away")
    assert render("--output-dir", "again", "--app", "rabbitmq") == 0
    shutil.copytree("out", "again", dirs_exist_ok=True)
    assert render("--output-dir", "again", "--acknowledge", "both") == 0
    assert render("--output-dir", "out", "--app", "redis") == 0
    assert "acknowledged" not in json.loads(Path("out/index.json").read_text())
    assert render("--output-dir", "out") == 0
    assert _files("out") == _files("again")


def test_only_what_the_asked_apps_lose_counts_against_a_base(
    render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = repository(tmp_path, monkeypatch)
    commit(git, "one")
    shutil.rmtree("fleet/redis")
    base = ("--base", "HEAD", "-o", "table")
    assert render(*base) == 7
    assert render(*base, "--app", "nginx") == 0
    _edit("fleet/nginx/propagationpolicy.yaml", "name: nginx\n", "name: else\n")
    assert render(*base, "--app", "nginx") == 7
    assert render(*base, "--app", "rabbitmq") == 0


def test_errors_and_warnings_of_others_are_not_told(
    render: Render, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in Path("fleet/redis").iterdir():
        path.write_text(
            path.read_text().replace("metadata:\n", "metadata:\n  namespace: apart\n", 1)
        )
    _edit("fleet/nginx/propagationpolicy.yaml", "pegasus-2", "pegasus-9")
    Path("fleet/rabbitmq/broken.yaml").write_text(BROKEN)
    assert render("-o", "table") == 4
    capfd.readouterr()
    assert render("-o", "table", "--app", "redis") == 0
    assert "nginx" not in capfd.readouterr().err
    assert render("-o", "table", "--app", "nginx") == 4
    assert render("--keep-going", "--app", "nginx") == 7
    assert render("-o", "table", "--app", "rabbitmq", "--keep-going") == 4


def test_a_label_names_apps_as_well(render: Render) -> None:
    Path("fleet/armada.yaml").write_text("apps: {label: team}\n")
    text = Path("fleet/redis/deployment.yaml").read_text()
    Path("fleet/redis/deployment.yaml").write_text(
        text.replace("  labels:\n", "  labels:\n    team: store\n", 1)
    )
    assert render("--output-dir", "out", "--app", "store") == 0
    assert _files("out").keys() == {"index.json", "pegasus/store/manifests.yaml"}
    assert render("--output-dir", "out", "--app", "redis") == 2


def test_files_beside_the_folders_are_the_app_default(render: Render) -> None:
    for name in ("deployment", "propagationpolicy"):
        shutil.move(f"fleet/redis/{name}.yaml", f"fleet/{name}.yaml")
    assert render("--output-dir", "out", "--app", "default") == 0
    assert _files("out").keys() == {"index.json", "pegasus/default/manifests.yaml"}


def test_a_revision_and_an_inventory_elsewhere(
    render: Render,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    shutil.move("fleet/clusters", "inventory")
    git = repository(tmp_path, monkeypatch)
    commit(git, "one")
    shutil.rmtree("fleet/nginx")
    part = ("--app", "redis", "--clusters", "inventory", "--no-cache")
    assert render(*part, "--ref", "HEAD") == 0
    there = capfd.readouterr().out
    assert render(*part) == 0
    assert capfd.readouterr().out == there
    assert "name: redis" in there
    assert render("--app", "nginx", "--clusters", "inventory", "--ref", "HEAD") == 0
    assert render("--app", "nginx", "--clusters", "inventory") == 2


def test_objects_in_the_inventory_have_everything_read(render: Render) -> None:
    shutil.move("fleet/clusters", "inventory")
    shutil.move("fleet/redis", "inventory/redis")
    assert render("--output-dir", "out", "--clusters", "inventory", "--app", "redis") == 0
    assert _files("out").keys() == {"index.json", "pegasus/redis/manifests.yaml"}


def test_standard_input_has_one_app(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fleet = EXAMPLES / "app-manifests" / "redis"
    text = "\n---\n".join(path.read_text() for path in sorted(fleet.glob("*.yaml")))
    more = ("--clusters", str(EXAMPLES / "app-manifests" / "clusters"), "-o", "table")
    for app, code in (("default", 0), ("redis", 2)):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))
        assert run(["render", "-", "--app", app, *more]) == code
    assert "there is no app redis; the fleet has default" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("app", "count", "said"),
    [
        ("web-1", 12, "did you mean "),
        ("zzz", 12, "the fleet has web-00, web-01, web-02, web-03, web-04, web-05, web-06, web-07"),
        ("zzz", 9, "and 1 more"),
        ("zzz", 2, "the fleet has web-00, web-01\n"),
        ("zzz", 0, "the fleet has none"),
        ("", 1, "there is no app ; the fleet has web-00"),
    ],
)
def test_an_unknown_app_is_told_what_there_is(
    render: Render,
    capfd: pytest.CaptureFixture[str],
    app: str,
    count: int,
    said: str,
) -> None:
    for name in ("app-simple-canary", "nginx", "rabbitmq", "redis"):
        shutil.rmtree(f"fleet/{name}")
    for number in range(count):
        shutil.copytree(EXAMPLES / "app-manifests" / "redis", f"fleet/web-{number:02}")
        for path in Path(f"fleet/web-{number:02}").iterdir():
            path.write_text(path.read_text().replace("redis", f"web-{number:02}"))
    assert render("--app", app) == 2
    assert said in capfd.readouterr().err


def test_nothing_is_printed_only_where_it_is_meant(render: Render) -> None:
    shutil.rmtree("fleet/redis")
    settings = Path("fleet/armada.yaml")
    settings.write_text("retire: [{cluster: pegasus, app: redis}, {app: nginx}]\n")
    assert render("--app", "redis") == 0
    assert render("--app", "redis", "--cluster", "pegasus-2") == 7
    # What is retired must not be placed; but that is the business of those who ask for it.
    assert render("--app", "nginx") == 7
    assert render("--app", "rabbitmq") == 0
    assert render("--output-dir", "out", "--app", "redis") == 0
    assert _files("out").keys() == {"index.json", "pegasus/redis/retired.txt"}
