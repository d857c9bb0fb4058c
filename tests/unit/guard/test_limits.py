"""Which losses need an acknowledgement, and how they are told."""

from armada_render.errors import ExitCode
from armada_render.guard import Verdict, refusal, review
from armada_render.guard.consent import Consent
from armada_render.model.config import GuardLimits, Retirement
from tests.support.objects import Object, config_map, deployment
from tests.support.snapshots import Apps, described, snapshot, staying

WHY = staying("one", "two", "three")
WEB = deployment("web", namespace="shop")


def configs(count: int, name: str = "c") -> list[Object]:
    return [config_map(f"{name}-{number:02}", namespace="shop") for number in range(count)]


def judged(
    before: dict[str, Apps],
    after: dict[str, Apps],
    *,
    limits: GuardLimits | None = None,
    given: Consent | None = None,
    only: str = "",
) -> Verdict:
    return review(
        snapshot(**before),
        snapshot(**after),
        WHY,
        given or Consent(),
        limits or GuardLimits(),
        only=only,
    )


def test_a_fifth_of_an_app_may_go_and_one_object_always() -> None:
    assert judged({"one": {"a": configs(10)}}, {"one": {"a": configs(8)}}).is_fine
    verdict = judged({"one": {"a": configs(10)}}, {"one": {"a": configs(7)}})
    assert described(verdict.removals) == [f"one a ConfigMap shop/c-0{n}" for n in (7, 8, 9)]
    assert judged({"one": {"a": configs(2)}}, {"one": {"a": configs(1)}}).is_fine
    assert not judged({"one": {"a": configs(4)}}, {"one": {"a": configs(2)}}).is_fine


def test_the_share_is_a_setting() -> None:
    some: dict[str, Apps] = {"one": {"a": configs(10)}}
    few: dict[str, Apps] = {"one": {"a": configs(4)}}
    assert judged(some, few, limits=GuardLimits(max_removed_percent=60)).is_fine
    assert not judged(some, few, limits=GuardLimits(max_removed_percent=59)).is_fine
    none = GuardLimits(max_removed_percent=0)
    assert judged(some, {"one": {"a": configs(9)}}, limits=none).is_fine


def test_an_app_that_has_nothing_left_on_a_cluster_is_refused_however_small() -> None:
    limits = GuardLimits(max_removed_percent=100)
    before: dict[str, Apps] = {"one": {"a": configs(1), "b": configs(50, "b")}}
    assert not judged(before, {"one": {"b": configs(50, "b")}}, limits=limits).is_fine


def test_many_small_losses_add_up_on_a_cluster() -> None:
    apps = {f"app-{number}": configs(4, f"c{number}") for number in range(5)}
    fewer = {app: objects[:3] for app, objects in apps.items()}
    verdict = judged({"one": apps}, {"one": fewer})
    assert verdict.shrunk == ("", "one")
    text = str(refusal(verdict, "out", "mend it"))
    assert "\n  on one: 5 of 20 objects" in text
    assert "\n  on all clusters together: 5 of 20 objects" in text


def test_the_last_copy_of_a_workload_is_refused_in_however_large_an_app() -> None:
    before: dict[str, Apps] = {"one": {"a": [WEB, *configs(50)]}}
    verdict = judged(before, {"one": {"a": configs(50)}})
    assert [key.title for key in verdict.last] == ["Deployment shop/web"]
    job = {**WEB, "apiVersion": "batch/v1", "kind": "Job"}
    assert judged({"one": {"a": [job, *configs(50)]}}, {"one": {"a": configs(50)}}).is_fine


def test_a_workload_need_not_show_its_images() -> None:
    rayjob = {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "ml", "namespace": "shop"},
        "spec": {"workerGroupSpecs": []},
    }
    plain = {**rayjob, "apiVersion": "example.io/v1"}
    many = configs(50)
    assert judged({"one": {"a": [plain, *many]}}, {"one": {"a": many}}).is_fine
    scaled = {**plain, "apiVersion": "apps/v1", "kind": "ReplicaSet"}
    assert not judged({"one": {"a": [scaled, *many]}}, {"one": {"a": many}}).is_fine


def test_one_cluster_may_be_emptied_at_once_if_all_of_it_is_elsewhere() -> None:
    app: Apps = {"a": [WEB]}
    assert judged({"one": app}, {"two": app}).is_fine
    two: dict[str, Apps] = {"one": app, "two": {"b": configs(1)}}
    verdict = judged(two, {"three": {**app, "b": configs(1)}})
    assert verdict.emptied == ("one", "two")
    text = str(refusal(verdict, "out", "mend it"))
    assert "one, two: nothing would be left (2 objects), though all of it runs elsewhere" in text
    more = GuardLimits(max_emptied_clusters=2)
    assert judged(two, {"three": {**app, "b": configs(1)}}, limits=more).is_fine


def test_what_is_retired_may_go() -> None:
    before: dict[str, Apps] = {name: {"a": [WEB], "b": configs(5)} for name in ("one", "two")}
    after: dict[str, Apps] = {name: {"b": configs(5)} for name in ("one", "two")}
    for retired, is_fine in (
        ([Retirement(app="a")], True),
        ([Retirement(cluster="one", app="a"), Retirement(cluster="two")], True),
        ([Retirement(cluster="one", app="a")], False),
        ([Retirement(app="b")], False),
    ):
        assert judged(before, after, given=Consent(retired=retired)).is_fine is is_fine


def test_only_one_cluster_may_be_asked_for() -> None:
    before: dict[str, Apps] = {"one": {"a": [WEB]}, "two": {"a": [WEB], "b": configs(5)}}
    after: dict[str, Apps] = {"one": {"a": [WEB]}, "two": {"b": configs(5)}}
    assert judged(before, after, only="one").is_fine
    assert not judged(before, after, only="two").is_fine


def test_the_sentence_names_objects_clusters_and_counts() -> None:
    before: dict[str, Apps] = {
        name: {"a": [WEB, *configs(2)], "b": configs(12, "b")} for name in ("one", "two")
    }
    problem = refusal(judged(before, {}), "main", "mend it")
    assert problem.code is ExitCode.GUARD
    assert str(problem) == (
        "30 objects would be removed from one, two, compared with main, and nothing in Git says "
        "that it is meant:\n"
        "  a on one, two: all 3 objects: Deployment shop/web (the last copy), ConfigMap shop/c-00, "
        "ConfigMap shop/c-01\n"
        "  b on one, two: all 12 objects: ConfigMap shop/b-00, ConfigMap shop/b-01, ConfigMap "
        "shop/b-02, ConfigMap shop/b-03, ConfigMap shop/b-04, ConfigMap shop/b-05, ConfigMap "
        "shop/b-06, ConfigMap shop/b-07 and 4 more\n"
        "  on all clusters together: all 30 objects\n"
        "  on one: all 15 objects\n"
        "  on two: all 15 objects\n"
        "  hint: mend it"
    )


def test_a_long_list_is_cut() -> None:
    apps = {f"app-{number:02}": configs(1, f"c{number}") for number in range(40)}
    lines = str(refusal(judged({"one": apps}, {"one": {}}), "main", "mend it")).split("\n")
    assert lines[0].startswith("40 objects would be removed from one, compared with main")
    assert lines[-2:] == ["  and 22 more like these", "  hint: mend it"]
