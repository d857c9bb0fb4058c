"""`diff` on real repositories, tidy and ugly ones."""

import os
import subprocess
from pathlib import Path

import pytest

from armada_render.cli import run
from armada_render.yamlio import dumps
from tests.support.objects import cluster, config_map, deployment, policy, selector
from tests.support.repository import Git, commit, repository

_EVERY = policy("all", selector("ConfigMap"), selector("Deployment"))


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return tmp_path / "clone"


@pytest.fixture
def git(top: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Make a clone with a fleet of two apps in `fleet`, committed on main."""
    git = repository(top, monkeypatch)
    for name in ("m1", "m2"):
        _write(top / f"fleet/clusters/{name}.yaml", cluster(name))
    _write(top / "fleet/policy.yaml", _EVERY)
    _write(top / "fleet/web/deployment.yaml", deployment("web"))
    _write(top / "fleet/config/config.yaml", config_map("settings"))
    commit(git, "one")
    monkeypatch.chdir(top)
    return git


def _write(path: Path, *objects: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(dumps(item) for item in objects))


def _diff(*arguments: str) -> int:
    return run(["diff", *arguments])


def test_the_work_tree_and_the_index_stay_as_they_are(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(top / "fleet/web/deployment.yaml", deployment("web", 5))
    _write(top / "fleet/new/new.yaml", config_map("new"))
    git("rm", "--quiet", "--cached", "fleet/config/config.yaml")
    before = git("status", "--porcelain"), git("stash", "list"), git("rev-parse", "HEAD")
    assert _diff("fleet") == 0
    out = capsys.readouterr().out
    assert "Deployment/web (default): 2 → 5 replicas on each cluster" in out
    assert "1 object added to m1, m2: ConfigMap/new (default)" in out
    assert before == (git("status", "--porcelain"), git("stash", "list"), git("rev-parse", "HEAD"))


def test_what_git_ignores_is_not_there(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del git
    (top / ".gitignore").write_text("scratch/\n*.local.yaml\n")
    _write(top / "fleet/scratch/x.yaml", config_map("x"))
    _write(top / "fleet/web/y.local.yaml", config_map("y"))
    assert _diff("fleet", "--exit-code") == 0
    assert capsys.readouterr().out.endswith("\n\nno changes\n")


def test_a_file_deleted_but_not_staged_is_gone(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del git
    (top / "fleet/web/deployment.yaml").unlink()
    assert _diff("fleet", "--exit-code") == 1
    assert "last-copy-removed" in capsys.readouterr().out


def test_linked_work_trees_compare_their_own_files(
    git: Git, top: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    _write(tmp_path / "linked/fleet/web/deployment.yaml", deployment("web", 3))
    assert _diff(str(tmp_path / "linked/fleet"), "--base", "main", "--exit-code") == 1
    assert "2 → 3 replicas" in capsys.readouterr().out
    assert _diff(str(top / "fleet"), "--base", "main", "--exit-code") == 0


def test_submodules_are_read_on_neither_side(
    git: Git,
    top: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = repository(tmp_path / "other", monkeypatch)
    _write(tmp_path / "other/x.yaml", config_map("from-submodule"))
    commit(other, "one")
    local = ("-c", "protocol.file.allow=always")
    git(*local, "submodule", "--quiet", "add", str(tmp_path / "other"), "fleet/sub")
    assert (top / "fleet/sub/x.yaml").exists()
    assert _diff("fleet", "--exit-code") == 0
    out = capsys.readouterr().out
    assert "note: the submodule sub is read on neither side" in out
    commit(git, "two")
    assert _diff("fleet", "--base", "HEAD~1", "--head", "HEAD", "--exit-code") == 0
    assert "from-submodule" not in capsys.readouterr().out


def test_another_clone_inside_is_not_read(
    git: Git, top: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del git
    nested = repository(top / "fleet/nested", monkeypatch)
    _write(top / "fleet/nested/x.yaml", config_map("nested"))
    commit(nested, "one")
    assert _diff("fleet", "--exit-code") == 0
    assert "the submodule nested" in capsys.readouterr().out


def test_what_a_sparse_checkout_leaves_out_is_not_removed(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("sparse-checkout", "set", "--no-cone", "/*", "!/fleet/web/")
    assert not (top / "fleet/web").exists()
    assert _diff("fleet") == 6
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fleet/web/deployment.yaml is not checked out (a sparse checkout)" in captured.err
    assert _diff("fleet", "--head", "HEAD", "--exit-code") == 0
    # What is no manifest may be left out.
    (top / "fleet/web").mkdir()
    (top / "fleet/web/notes.md").write_text("notes\n")
    git("sparse-checkout", "disable")
    commit(git, "notes")
    git("sparse-checkout", "set", "--no-cone", "/*", "!/fleet/web/notes.md")
    assert not (top / "fleet/web/notes.md").exists()
    assert _diff("fleet", "--exit-code") == 0


def test_a_shallow_clone_says_what_to_fetch(
    git: Git, top: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(top / "fleet/web/deployment.yaml", deployment("web", 7))
    commit(git, "two")
    git("clone", "--quiet", "--depth", "1", f"file://{top}", str(tmp_path / "shallow"))
    assert _diff(str(tmp_path / "shallow/fleet"), "--base", "HEAD~1") == 6
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "--unshallow" in captured.err


def test_a_bare_repository_has_no_work_tree(
    git: Git,
    top: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _write(top / "fleet/web/deployment.yaml", deployment("web", 7))
    commit(git, "two")
    git("clone", "--quiet", "--bare", str(top), str(tmp_path / "bare.git"))
    monkeypatch.chdir(tmp_path / "bare.git")
    assert _diff(".") == 6
    assert "there is no work tree" in capsys.readouterr().err
    assert _diff("fleet", "--base", "HEAD~1", "--head", "HEAD", "--exit-code") == 1
    assert "2 → 7 replicas" in capsys.readouterr().out


@pytest.mark.parametrize("side", ["base", "head"])
def test_binary_garbage_withholds_its_side(
    git: Git, top: Path, side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / "fleet/web/deployment.yaml").write_bytes(os.urandom(10) + b"\0\xff\xfe\x80" * 1000)
    commit(git, "broken")
    revisions = ("HEAD", "HEAD~1") if side == "base" else ("HEAD~1", "HEAD")
    code = _diff("fleet", "--base", revisions[0], "--head", revisions[1], "--exit-code")
    captured = capsys.readouterr()
    assert code == 3
    assert f"The {side} cannot be rendered" in captured.out
    assert "removed from" not in captured.out
    assert "last-copy" not in captured.out
    assert "web/deployment.yaml" in captured.err


def test_a_folder_that_is_gone_is_withheld(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("rm", "-r", "--quiet", "fleet")
    for arguments in (("fleet",), ("fleet", "--base", "main", "--head", "HEAD")):
        if len(arguments) > 1:
            commit(git, "gone")
            git("branch", "--force", "gone")
            arguments = ("fleet", "--base", "main~1", "--head", "gone")  # noqa: PLW2901
        assert not (top / "fleet").exists()
        assert _diff(*arguments) == 3
        captured = capsys.readouterr()
        assert "The head cannot be rendered" in captured.out
        assert "no Kubernetes manifests in fleet, which is gone" in captured.err


def test_a_folder_that_is_new_is_all_added(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del git
    (top / "fleet").rename(top / "moved")
    assert _diff("moved") == 0
    out = capsys.readouterr().out
    assert "note: PATH is not in the base: all of it is new" in out
    assert "Deployment/web (default): new" in out
    assert _diff("nowhere") == 3
    assert "nowhere is in neither side" in capsys.readouterr().err


def test_another_folder_of_an_app_removes_nothing(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("mv", "fleet/web", "fleet/shop")
    assert _diff("fleet", "--exit-code") == 1
    out = capsys.readouterr().out
    assert "goes from app web to shop [app-changed]" in out
    assert "Deployment/web (default) on m1, m2, from app web to shop" in out
    assert "removed" not in out
    del top


def test_other_settings_are_noted(git: Git, top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del git
    (top / "fleet/armada.yaml").write_text("output: {layout: files}\n")
    assert _diff("fleet", "--exit-code") == 0
    out = capsys.readouterr().out
    assert "note: armada.yaml differs: what it says of the output's form is not compared" in out


def test_files_that_move_within_an_app_change_nothing(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    git("mv", "fleet/web/deployment.yaml", "fleet/web/renamed.yaml")
    assert _diff("fleet", "--exit-code") == 0
    assert "no changes" in capsys.readouterr().out


def test_equal_files_are_not_rendered(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # What fails to render on both sides alike changes nothing.
    (top / "fleet/web/deployment.yaml").write_text("broken: [\n")
    commit(git, "broken")
    assert _diff("fleet", "--exit-code") == 0
    assert capsys.readouterr().out.endswith("no changes\n")


def test_the_inventory_is_that_of_each_revision(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / "inventory").mkdir()
    git("mv", "fleet/clusters/m1.yaml", "inventory/m1.yaml")
    git("mv", "fleet/clusters/m2.yaml", "inventory/m2.yaml")
    commit(git, "apart")
    _write(top / "inventory/m3.yaml", cluster("m3"))
    commit(git, "more")
    for inventory in ("inventory", str(top / "inventory")):
        sides = ("--base", "HEAD~1", "--head", "HEAD")
        assert _diff("fleet", *sides, "--clusters", inventory, "--exit-code") == 1
        out = capsys.readouterr().out
        assert "also on m3" in out
        assert "because cluster m3 was added (--clusters/m3.yaml:1)" in out
    _write(top / "fleet/web/deployment.yaml", deployment("web", 3))
    assert _diff("fleet") == 3
    assert "name an inventory with --clusters" in capsys.readouterr().err


def test_the_inventory_may_be_one_file(
    git: Git, top: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("rm", "--quiet", "-r", "fleet/clusters")
    _write(top / "clusters.yaml", cluster("m1"))
    commit(git, "one")
    _write(top / "clusters.yaml", cluster("m1"), cluster("m2"))
    commit(git, "two")
    sides = ("--base", "HEAD~1", "--head", "HEAD", "--exit-code")
    assert _diff("fleet", *sides, "--clusters", "clusters.yaml") == 1
    assert "also on m2" in capsys.readouterr().out
    # One outside of the repository is the same for both sides.
    _write(tmp_path / "outside.yaml", cluster("m1"))
    assert _diff("fleet", *sides, "--clusters", str(tmp_path / "outside.yaml")) == 0


def test_merge_base_leaves_out_what_main_has_done_since(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("checkout", "--quiet", "-b", "mine")
    _write(top / "fleet/web/deployment.yaml", deployment("web", 3))
    commit(git, "mine")
    git("checkout", "--quiet", "main")
    _write(top / "fleet/config/more.yaml", config_map("more"))
    commit(git, "theirs")
    git("checkout", "--quiet", "mine")
    assert _diff("fleet", "--base", "main") == 0
    assert "ConfigMap/more" in capsys.readouterr().out
    assert _diff("fleet", "--base", "merge-base:main") == 0
    out = capsys.readouterr().out
    assert "ConfigMap/more" not in out
    assert "2 → 3 replicas" in out


def test_merge_base_is_that_of_the_other_side(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("checkout", "--quiet", "-b", "mine")
    _write(top / "fleet/web/deployment.yaml", deployment("web", 3))
    commit(git, "mine")
    git("checkout", "--quiet", "main")
    _write(top / "fleet/config/more.yaml", config_map("more"))
    commit(git, "theirs")
    # HEAD is main, which has not parted from itself.
    assert _diff("fleet", "--base", "merge-base:main", "--head", "mine") == 0
    out = capsys.readouterr().out
    assert out.startswith("merge-base:main (")
    assert "ConfigMap/more" not in out
    assert "2 → 3 replicas" in out


def test_remote_repositories_are_compared_without_a_clone(
    git: Git,
    top: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    git("checkout", "--quiet", "-b", "change")
    _write(top / "fleet/web/deployment.yaml", deployment("web", 3))
    commit(git, "change")
    git("checkout", "--quiet", "main")
    monkeypatch.chdir(tmp_path)
    address = f"file://{top}//fleet"
    for sides in ((f"{address}?ref=change",), (address, "--head", "change", "--base", "main")):
        assert _diff(*sides, "--exit-code") == 1
        out = capsys.readouterr().out
        assert "2 → 3 replicas" in out
        assert "(web/deployment.yaml:6)" in out
    assert _diff(address, "--base", "nope") == 6
    assert "there is no revision nope" in capsys.readouterr().err
    assert _diff(f"{address}?ref=change", "-o", "sarif") == 0
    assert '"uri": "fleet/web/deployment.yaml"' in capsys.readouterr().out


def test_reports_name_files_from_the_top_of_the_repository(
    git: Git, top: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    git("mv", "fleet/clusters", "inventory")
    commit(git, "apart")
    _write(top / "inventory/m3.yaml", cluster("m3"))
    monkeypatch.chdir(top / "fleet/web")
    assert _diff("..", "--clusters", "../../inventory", "-o", "sarif") == 0
    assert '"uri": "inventory/m3.yaml"' in capsys.readouterr().out


def test_hostile_names_of_files_are_made_printable(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del git
    _write(top / "fleet/new/a\x1b[31m\nb.yaml", config_map("x"))
    assert _diff("fleet") == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"(new/a\x1b[31m\nb.yaml:1)" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("fleet", "--base", "nope"), 6, "there is no revision nope"),
        (("fleet", "--base", "--upload-pack=x"), 6, "there is no revision --upload-pack=x"),
        (("fleet/policy.yaml",), 2, "PATH must be a directory"),
        (("fleet", "--cluster", "m9", "--base", "HEAD~1"), 2, "there is no cluster m9"),
        (("/",), 6, "is not in a Git repository"),
    ],
)
def test_what_cannot_be_compared(
    git: Git,
    top: Path,
    arguments: tuple[str, ...],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _write(top / "fleet/web/deployment.yaml", deployment("web", 3))
    commit(git, "two")
    assert _diff(*arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_a_huge_value_is_cut_on_a_terminal(
    git: Git, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del git
    huge = {**config_map("settings"), "data": {"key": "x" * 3_000_000}}
    _write(top / "fleet/config/config.yaml", huge)
    assert _diff("fleet") == 0
    out = capsys.readouterr().out
    assert len(out) < 2000
    assert "(3,000,002 characters)" in out


def test_only_the_cache_of_the_user_is_written(
    git: Git, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del git
    for number in range(40):
        _write(
            top / f"fleet/many/{number}.yaml",
            {**config_map(f"c{number}"), "data": {"k": "x" * 9000}},
        )
    caches = tmp_path / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    assert _diff("fleet", "--no-cache") == 0
    assert not caches.exists()
    assert _diff("fleet") == 0
    assert list((caches / "armada-render").iterdir())


def test_it_works_without_git_settings_of_a_user(git: Git, top: Path, tmp_path: Path) -> None:
    del git
    done = subprocess.run(
        ["git", "-C", str(top), "config", "core.fsmonitor", "touch ran"], check=True
    )
    assert done.returncode == 0
    _write(top / "fleet/web/deployment.yaml", deployment("web", 3))
    assert _diff("fleet", "--exit-code") == 1
    assert not (top / "ran").exists()
    del tmp_path
