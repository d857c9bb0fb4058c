"""Where a fleet begins, and above what nothing is looked at."""

from pathlib import Path

import pytest

from armada_render.cmp.place import Place, find
from armada_render.cmp.request import Request
from armada_render.errors import ArmadaError

CLUSTER = "apiVersion: cluster.karmada.io/v1alpha1\nkind: Cluster\n"


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(CLUSTER)
    return root


def found(folder: Path, source_path: str = "", root: str = "") -> Place:
    request = Request(cluster="one", root=root, source_path=source_path)
    return find(str(folder), request)


def test_the_nearest_settings_win_over_an_inventory_that_is_nearer(tmp_path: Path) -> None:
    top = made(
        tmp_path, "top/armada.yaml", "top/fleet/team/clusters.yaml", "top/fleet/team/web/a.yaml"
    )
    (top / "top/fleet/team/web/a.yaml").write_text("kind: ConfigMap\n")
    folder = top / "top/fleet/team/web"
    assert found(folder, "fleet/team/web") == Place("../../..", "fleet/team/web")
    (top / "top/armada.yaml").unlink()
    assert found(folder, "fleet/team/web") == Place("..", "web")


def test_the_root_itself_may_be_the_application(tmp_path: Path) -> None:
    made(tmp_path, "armada.yaml")
    assert found(tmp_path, ".") == Place(".", "")


def test_the_climb_ends_where_the_path_of_the_source_does(tmp_path: Path) -> None:
    # armada.yaml stands beside the copies of all calls: somebody else's, or an attack.
    made(tmp_path, "armada.yaml", "copy/fleet/web/a.txt")
    with pytest.raises(ArmadaError, match=r"neither armada.yaml nor a Cluster"):
        found(tmp_path / "copy/fleet/web", "fleet/web")
    with pytest.raises(ArmadaError, match=r"neither armada.yaml nor a Cluster"):
        found(tmp_path / "copy/fleet/web", "other/web")


def test_the_climb_ends_at_the_repository(tmp_path: Path) -> None:
    made(tmp_path, "armada.yaml", "copy/.git/HEAD", "copy/web/a.txt")
    with pytest.raises(ArmadaError, match=r"neither armada.yaml nor a Cluster"):
        found(tmp_path / "copy/web", "copy/web")


def test_without_a_path_only_a_repository_is_climbed(tmp_path: Path) -> None:
    made(tmp_path, "armada.yaml", "web/a.txt")
    with pytest.raises(ArmadaError, match=r"neither armada.yaml nor a Cluster"):
        found(tmp_path / "web")
    made(tmp_path, ".git/HEAD")
    assert found(tmp_path / "web") == Place("..", "web")


@pytest.mark.parametrize("root", ["../../..", "/", "other", "../web2"])
def test_a_root_that_is_not_above_the_application_is_refused(tmp_path: Path, root: str) -> None:
    made(tmp_path, "copy/fleet/armada.yaml", "copy/fleet/web/other/a.txt")
    with pytest.raises(ArmadaError, match=r"the parameter root must name"):
        found(tmp_path / "copy/fleet/web", "fleet/web", root)


def test_a_named_root_needs_no_settings(tmp_path: Path) -> None:
    made(tmp_path, "copy/fleet/web/a.txt")
    assert found(tmp_path / "copy/fleet/web", "fleet/web", "..") == Place("..", "web")
    assert found(tmp_path / "copy/fleet/web", "fleet/web", "../..") == Place("../..", "fleet/web")
    assert found(tmp_path / "copy/fleet/web", "fleet/web", ".") == Place(".", "")
