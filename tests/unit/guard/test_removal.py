"""What is lost when objects leave clusters, and what is not."""

from collections.abc import Mapping
from typing import Any

import pytest

from armada_render.guard.kinds import images
from armada_render.guard.removal import compare
from armada_render.guard.snapshot import of_manifests
from tests.support.objects import Object, config_map, deployment
from tests.support.snapshots import Apps, described, snapshot, staying

WEB = deployment("web", namespace="shop")
CONFIG = config_map("web", namespace="shop")
ALL = staying("one", "two", "three")


def key_of(manifest: Object) -> Any:
    (key,) = of_manifests([manifest], "")
    return key


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def renamed(manifest: Object, name: str, image: str = "nginx:2", **other: Any) -> Object:
    metadata = {**manifest["metadata"], "name": name, **other.pop("metadata", {})}
    changed = {**manifest, **other, "metadata": metadata}
    if "spec" in manifest:
        containers = [{"name": "main", "image": image}]
        changed["spec"] = {"template": {"spec": {"containers": containers}}}
    return changed


def lost(before: Mapping[str, Apps], after: Mapping[str, Apps], why: Any = ALL) -> list[str]:
    return described(compare(snapshot(**before), snapshot(**after), why).lost)


def test_what_stays_is_not_removed() -> None:
    both = {"one": {"web": [WEB, CONFIG]}}
    change = compare(snapshot(**both), snapshot(**both), ALL)
    assert (change.removed, change.lost, change.last) == ((), (), frozenset())


def test_a_new_version_or_app_of_an_object_is_the_same_object() -> None:
    newer = {**WEB, "apiVersion": "apps/v2"}
    assert lost({"one": {"web": [WEB]}}, {"one": {"shop": [newer]}}) == []


def test_what_is_nowhere_any_more_is_lost_everywhere() -> None:
    before = {"one": {"web": [WEB, CONFIG]}, "two": {"web": [WEB]}}
    change = compare(snapshot(**before), snapshot(one={"web": [CONFIG]}), ALL)
    assert described(change.lost) == ["one web Deployment shop/web", "two web Deployment shop/web"]
    assert change.last == {key_of(WEB)}


def test_fewer_copies_of_what_is_duplicated_are_lost() -> None:
    before = {"one": {"web": [WEB]}, "two": {"web": [WEB]}}
    change = compare(snapshot(**before), snapshot(one={"web": [WEB]}), ALL)
    assert described(change.lost) == ["two web Deployment shop/web"]
    assert change.last == frozenset()


def test_as_many_copies_elsewhere_are_a_move() -> None:
    before = {"one": {"web": [WEB, CONFIG]}}
    assert lost(before, {"two": {"web": [WEB, CONFIG]}}) == []


def test_replicas_may_be_divided_among_fewer_clusters() -> None:
    before = {"one": {"web": [WEB]}, "two": {"web": [WEB]}}
    why = staying("one", "two", elastic=[key_of(WEB)])
    assert lost(before, {"one": {"web": [WEB]}}, why) == []
    assert lost(before, {}, why) != []


@pytest.mark.parametrize("clusters", [("two",), ("two", "three")])
def test_a_cluster_that_is_evacuated_or_gone_may_lose_what_is_elsewhere(
    clusters: tuple[str, ...],
) -> None:
    before = {"one": {"web": [WEB], "db": [CONFIG]}, "two": {"web": [WEB]}}
    why = staying(*clusters)
    assert lost(before, {"two": {"web": [WEB]}}, why) == ["one db ConfigMap shop/web"]


def test_company_goes_with_the_workloads_that_move() -> None:
    before = {"one": {"web": [WEB, CONFIG]}, "two": {"web": [WEB, CONFIG]}}
    why = staying("one", "two", elastic=[key_of(WEB)])
    assert lost(before, {"two": {"web": [WEB, CONFIG]}}, why) == []
    # Not where the last copy of it goes, nor where a workload stays that may need it.
    assert len(lost(before, {"two": {"web": [WEB]}}, why)) == 2
    other = deployment("other", namespace="shop")
    before["one"] = {"web": [WEB, CONFIG, other]}
    after = {"one": {"web": [other]}, "two": {"web": [WEB, CONFIG]}}
    assert lost(before, after, why) == ["one web ConfigMap shop/web"]


def test_a_namespace_goes_with_what_lived_in_it() -> None:
    why = staying("one", "two", elastic=[key_of(WEB)])
    before: dict[str, Apps] = {
        name: {"base": [namespace("shop")], "web": [WEB]} for name in ("one", "two")
    }
    after: dict[str, Apps] = {"two": before["two"]}
    assert lost(before, after, why) == []
    assert lost(before, {**after, "one": {"web": [WEB]}}, why) == ["one base Namespace shop"]
    assert lost(before, {"two": {"web": [WEB]}}, why) == [
        "one base Namespace shop",
        "two base Namespace shop",
    ]
    empty: dict[str, Apps] = {name: {"base": [namespace("shop")]} for name in ("one", "two")}
    assert lost(empty, {"two": empty["two"]}, why) == ["one base Namespace shop"]


def test_a_namespace_with_losses_in_it_is_lost_with_them() -> None:
    before: dict[str, Apps] = {
        name: {"base": [namespace("shop")], "web": [WEB]} for name in ("one", "two")
    }
    assert lost(before, {"two": before["two"]}) == [
        "one base Namespace shop",
        "one web Deployment shop/web",
    ]


@pytest.mark.parametrize(
    "heir",
    [
        renamed(WEB, "web-v2"),
        renamed(WEB, "web", "other", metadata={"namespace": "market"}),
        renamed(WEB, "web", "other", apiVersion="argoproj.io/v1alpha1", kind="Rollout"),
        renamed(WEB, "web", "other", apiVersion="apps.example.io/v1"),
    ],
    ids=["name", "namespace", "kind", "group"],
)
def test_a_workload_may_get_another_name_namespace_kind_or_group(heir: Object) -> None:
    assert lost({"one": {"web": [WEB]}}, {"one": {"web": [heir]}}) == []
    # Of another app it is somebody else's.
    assert len(lost({"one": {"web": [WEB]}}, {"one": {"shop": [heir]}})) == 1


@pytest.mark.parametrize(
    "other",
    [
        renamed(WEB, "worker", "example.com/worker:1"),
        renamed(WEB, "worker", metadata={"namespace": "market"}),
        config_map("web", namespace="shop"),
    ],
    ids=["images", "name and namespace", "no workload"],
)
def test_another_workload_takes_nobodys_place(other: Object) -> None:
    assert len(lost({"one": {"web": [WEB]}}, {"one": {"web": [other]}})) == 1


def test_generated_names_replace_each_other_one_for_one() -> None:
    old = [config_map(f"web-{number}", namespace="shop") for number in range(3)]
    new = [config_map(f"web-{number}x", namespace="shop") for number in range(2)]
    assert lost({"one": {"web": old}}, {"one": {"web": new}}) == ["one web ConfigMap shop/web-2"]


def test_nothing_takes_the_place_of_what_holds_data() -> None:
    old = {**WEB, "kind": "StatefulSet"}
    assert len(lost({"one": {"web": [old]}}, {"one": {"web": [renamed(old, "web-v2")]}})) == 1


def test_what_argo_cd_must_not_prune_is_not_lost() -> None:
    kept = config_map(
        "web", annotations={"argocd.argoproj.io/sync-options": "Replace=true, Prune=false"}
    )
    change = compare(snapshot(one={"web": [kept]}), snapshot(one={}), ALL)
    assert change.lost == ()
    assert len(change.removed) == 1


def test_images_are_found_wherever_containers_stand() -> None:
    manifest = {
        "spec": {
            "image": "registry.example.com:5000/operator/db:16@sha256:0",
            "template": {"spec": {"initContainers": [{"image": "busybox"}]}},
            "steps": [[{"image": "registry.example.com:5000/tool"}]],
            "images": {"image": {"type": "string"}},
        }
    }
    assert images(manifest) == {
        "busybox",
        "registry.example.com:5000/operator/db",
        "registry.example.com:5000/tool",
    }


def test_what_is_no_object_is_in_no_snapshot() -> None:
    odd: list[Any] = [None, {}, {"metadata": {"name": 1}}, {"apiVersion": "v1", "metadata": {}}]
    assert of_manifests(odd, "web") == {}
