"""Guards of `render` against trees and revisions, with real repositories and files."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from armada_render.cli import run

EXAMPLES = Path(__file__).parents[3] / "examples"
Git = Callable[..., None]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Make the working directory a repository that holds the example fleet as `fleet`."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Jane")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "jane@example.com")
    shutil.copytree(EXAMPLES / "app-manifests", tmp_path / "fleet")
    monkeypatch.chdir(tmp_path)

    def git(*words: str) -> None:
        subprocess.run(["git", *words], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    return git


def render(*words: str) -> int:
    return run(["render", "fleet", *words])


def test_every_output_is_compared_with_the_base(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    del git
    shutil.rmtree("fleet/redis")
    source = ("--repo-url", "https://git.example.com/x.git", "--revision", "main")
    for words in (
        ("-o", "stream"),
        ("-o", "jsonl"),
        ("-o", "json"),
        ("-o", "table"),
        ("-o", "mermaid"),
        ("-o", "applicationset", *source),
        ("--output-dir", "out"),
        ("--output-dir", "out", "--check"),
    ):
        assert render("--base", "HEAD", *words) == 7, words
        out, err = capfd.readouterr()
        assert out == ""
        assert "redis on pegasus: the only object: Deployment default/redis (the last" in err
    assert not Path("out").exists() or not list(Path("out").iterdir())


def test_an_acknowledgement_is_signed_and_holds_for_one_change(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree("fleet/redis")
    assert render("--base", "HEAD", "-o", "table", "--acknowledge", "closed") == 0
    (file,) = Path("fleet/.armada/acknowledged").iterdir()
    assert "\nby: Jane <jane@example.com>\n" in file.read_text()
    git("add", "-A")
    git("commit", "-q", "-m", "two")
    assert render("--base", "HEAD~1", "-o", "table") == 0
    capfd.readouterr()
    assert render("--base", "HEAD", "-o", "table") == 0
    assert "acknowledges a removal that has been made" in capfd.readouterr().err
    git("checkout", "-q", "HEAD~1", "--", "fleet/redis")
    git("commit", "-q", "-m", "three")
    shutil.rmtree("fleet/redis")
    assert render("--base", "HEAD", "-o", "table") == 7
    assert render("--base", "HEAD", "-o", "table", "--acknowledge", "closed") == 0
    assert len(list(Path("fleet/.armada/acknowledged").iterdir())) == 2


def test_two_acknowledgements_add_up(git: Git) -> None:
    git("branch", "old")
    for app in ("redis", "nginx"):
        shutil.rmtree(f"fleet/{app}")
        assert render("--base", "HEAD", "-o", "table", "--acknowledge", f"no more {app}") == 0
        git("add", "-A")
        git("commit", "-q", "-m", app)
    assert render("--base", "merge-base:old", "-o", "table") == 0


def test_nothing_to_acknowledge_writes_nothing(git: Git, capfd: pytest.CaptureFixture[str]) -> None:
    del git
    assert render("--base", "HEAD", "-o", "table", "--acknowledge", "why") == 0
    assert "nothing is removed that needs an acknowledgement" in capfd.readouterr().err
    assert not Path("fleet/.armada").exists()


def test_a_path_that_the_base_does_not_have_is_compared_with_nothing(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    del git
    shutil.move("fleet", "new")
    assert run(["render", "new", "--base", "HEAD", "-o", "table"]) == 0
    assert "HEAD holds no new: nothing to compare with" in capfd.readouterr().err


def test_an_unknown_base_and_a_path_outside_of_git_are_errors_of_the_source(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    del git
    assert render("--base", "--upload-pack=x", "-o", "table") == 6
    shutil.rmtree(".git")
    assert render("--base", "HEAD", "-o", "table") == 6
    assert "fleet is not in a Git repository" in capfd.readouterr().err


def test_a_base_with_errors_is_compared_as_far_as_it_goes(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    policy = Path("fleet/nginx/propagationpolicy.yaml")
    good = policy.read_text()
    policy.write_text(good.replace("clusterNames", "clusterName"))
    git("commit", "-q", "-a", "-m", "broken")
    policy.write_text(good)
    assert render("--base", "HEAD", "-o", "table") == 0
    assert "warning: HEAD has 2 errors itself: compared with what can be" in capfd.readouterr().err
    shutil.rmtree("fleet/redis")
    assert render("--base", "HEAD", "-o", "table") == 7


def test_one_file_and_an_inventory_are_those_of_the_base(git: Git) -> None:
    shutil.move("fleet/clusters", "inventory")
    app = "".join(
        f"{path.read_text()}\n---\n" for path in sorted(Path("fleet/redis").glob("*.yaml"))
    )
    Path("app.yaml").write_text(app)
    git("add", "-A")
    git("commit", "-q", "-m", "two")
    words = ["render", "app.yaml", "--clusters", "inventory", "--base", "HEAD", "-o", "table"]
    assert run(words) == 0
    Path("app.yaml").write_text(app.replace("name: redis", "name: redix", 2))
    shutil.move("inventory", "clusters")
    words[3] = "clusters"
    # Neither the present inventory nor one of another repository is that of the base.
    assert run(words) in (0, 7)
    Path("app.yaml").write_text(f"{app}\n---\n{app.replace('redis', 'other')}")
    git("add", "-A")
    git("commit", "-q", "-m", "three")
    Path("app.yaml").write_text(app)
    assert run(words) == 7


def test_a_tree_in_files_and_in_bundles_holds_the_same(git: Git, tmp_path: Path) -> None:
    del git
    assert render("--output-dir", "out") == 0
    assert render("--output-dir", "out", "--layout", "files") == 0
    assert (tmp_path / "out/pegasus/redis/default/deployment-redis.yaml").exists()
    assert render("--output-dir", "out") == 0
    shutil.rmtree("fleet/redis")
    for layout in ("bundle", "files"):
        assert render("--output-dir", "out", "--layout", layout) == 7
    assert (tmp_path / "out/pegasus/redis/manifests.yaml").exists()


def test_in_a_tree_of_files_only_what_changes_is_read(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    del git
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: redis-%d, namespace: default}\n"
        "data: {a: b}\n"
    )
    policy = Path("fleet/redis/propagationpolicy.yaml")
    policy.write_text(
        policy.read_text().replace(
            "resourceSelectors:", "resourceSelectors:\n    - {apiVersion: v1, kind: ConfigMap}"
        )
    )
    for number in range(5):
        Path(f"fleet/redis/config-{number}.yaml").write_text(config % number)
    assert render("--output-dir", "out", "--layout", "files") == 0
    for number in (0, 1):
        Path(f"fleet/redis/config-{number}.yaml").unlink()
    Path("fleet/redis/config-2.yaml").write_text((config % 2).replace("a: b", "a: c"))
    capfd.readouterr()
    assert render("--output-dir", "out", "--layout", "files") == 7
    assert (
        "redis on pegasus: 2 of 6 objects: ConfigMap default/redis-0, ConfigMap default/redis-1"
        in (capfd.readouterr().err)
    )


def test_files_that_nobody_can_read_any_more_are_no_free_pass(
    git: Git, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    del git
    assert render("--output-dir", "out") == 0
    bundle = tmp_path / "out/pegasus/redis/manifests.yaml"
    bundle.write_text("<<<<<<< HEAD\n")
    # What is written again is mended; what goes may have held anything.
    assert render("--output-dir", "out") == 0
    bundle.write_text("<<<<<<< HEAD\n")
    shutil.rmtree("fleet/redis")
    capfd.readouterr()
    assert render("--output-dir", "out") == 7
    assert "unreadable file pegasus/redis/manifests.yaml" in capfd.readouterr().err


def test_one_cluster_spends_no_acknowledgement_of_others(git: Git, tmp_path: Path) -> None:
    del git
    assert render("--output-dir", "out") == 0
    shutil.rmtree("fleet/rabbitmq")
    only = ("--output-dir", "out", "--cluster", "pegasus")
    assert render(*only) == 7
    assert render("--output-dir", "other") == 0
    assert render("--base", "HEAD", "-o", "table", "--acknowledge", "closed") == 0
    assert render(*only) == 0
    assert "acknowledged" not in json.loads((tmp_path / "out/index.json").read_text())
    assert render("--output-dir", "out") == 0
    assert len(json.loads((tmp_path / "out/index.json").read_text())["acknowledged"]) == 1


def test_application_sets_in_the_same_folder_spend_no_acknowledgement(git: Git) -> None:
    del git
    assert render("--output-dir", "out") == 0
    shutil.rmtree("fleet/redis")
    assert render("--base", "HEAD", "-o", "table", "--acknowledge", "closed") == 0
    source = ("--repo-url", "https://git.example.com/x.git", "--revision", "main")
    assert render("-o", "applicationset", *source, "--output-dir", "out") == 0
    assert render("--output-dir", "out") == 0


def test_errors_with_keep_going_are_told_to_be_mended(
    git: Git, capfd: pytest.CaptureFixture[str]
) -> None:
    del git
    assert render("--output-dir", "out") == 0
    policy = Path("fleet/redis/propagationpolicy.yaml")
    policy.write_text(policy.read_text().replace("- pegasus", "- nowhere"))
    assert render("--output-dir", "out", "--keep-going") == 7
    assert "hint: what failed is missing: mend the errors above" in capfd.readouterr().err


def test_nothing_is_written_through_links(git: Git, tmp_path: Path) -> None:
    del git
    (tmp_path / "elsewhere").mkdir()
    Path("fleet/.armada").symlink_to(tmp_path / "elsewhere")
    shutil.rmtree("fleet/redis")
    assert render("--base", "HEAD", "-o", "table", "--acknowledge", "closed") == 3
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-", "--base", "HEAD"), "--base needs a path in a Git repository"),
        (("fleet/redis/deployment.yaml", "--acknowledge", "x"), "PATH, which must be a directory"),
        (("fleet", "--acknowledge", "x"), "--acknowledge needs a tree to compare with, or --base"),
        (("fleet", "--output-dir", "out", "--check", "--acknowledge", "x"), "needs a tree"),
        (("fleet", "--acknowledge", "x", "--keep-going"), "errors are not"),
    ],
)
def test_what_does_not_go_together(
    git: Git,
    words: tuple[str, ...],
    message: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del git
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"")))
    assert run(["render", *words]) == 2
    assert message in capfd.readouterr().err
