"""What must hold of every comparison, whatever is compared."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armada_render.diff import Change, compare
from armada_render.diff.fields import field_changes, path_text, value_at
from armada_render.explain.difference import same
from armada_render.pipeline import Rendering, RenderOptions, render
from tests.support.objects import cluster, config_map, deployment, override, policy, selector
from tests.support.patching import patched

_MANY = settings(max_examples=200, deadline=None, derandomize=True)
_SOME = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)

_NAMES = st.sampled_from(["a", "b", "c", "1", "x.y/z", ""])
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 1.0]), _NAMES
)
_NAMED = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "c", "d"])}, optional={"value": _SCALARS}
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(_NAMED, max_size=4),
        st.lists(_NAMED, max_size=4, unique_by=lambda item: item["name"]),
        st.dictionaries(_NAMES, inner, max_size=4),
    ),
    max_leaves=12,
)
_MANIFESTS = st.dictionaries(_NAMES, _VALUES, max_size=4)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a manifest and what became of it: most of it is still there, in another order."""
    before = draw(_MANIFESTS)
    return before, draw(_edited(before))


def _edited(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, dict):
        kept = st.fixed_dictionaries({}, optional={key: _or_new(value[key]) for key in value})
        return st.builds(lambda more, old: {**more, **old}, _MANIFESTS, kept)
    if isinstance(value, list):
        items = st.tuples(*map(_or_new, value)) if value else st.just(())
        cut = items.flatmap(lambda found: st.permutations([*found, None]))
        return st.builds(
            lambda found, more: [*found[: found.index(None)], *more, *found[found.index(None) :]][
                : len(value) + 1
            ],
            cut,
            st.lists(_NAMED, max_size=2),
        ).map(lambda found: [item for item in found if item is not None])
    return st.just(value)


def _or_new(value: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(value), _edited(value), _SCALARS)


@_MANY
@given(_pairs())
def test_changes_of_fields_turn_the_one_into_the_other(pair: tuple[Any, Any]) -> None:
    before, after = pair
    changes = field_changes(before, after)
    assert same(patched(before, changes), after)
    assert same(before, after) == (not changes)


@_MANY
@given(_pairs())
def test_every_change_says_what_stands_at_its_path(pair: tuple[Any, Any]) -> None:
    before, after = pair
    for change in field_changes(before, after):
        assert path_text(change.path)
        if change.kind in ("changed", "removed"):
            assert value_at(change.path, before) is change.before
        if change.kind in ("changed", "added"):
            assert value_at(change.path, after) is change.after


_CLUSTERS = ("m1", "m2", "m3")
_APPS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "b", "c"]),
        "kind": st.sampled_from(["Deployment", "ConfigMap"]),
        "replicas": st.integers(0, 5),
        "clusters": st.lists(st.sampled_from(_CLUSTERS), max_size=3, unique=True),
        "divided": st.booleans(),
        "label": st.sampled_from(["", "m1", "m2"]),
    }
)
_FLEETS = st.lists(_APPS, max_size=4, unique_by=lambda app: (app["kind"], app["name"]))


def _rendering(apps: list[dict[str, Any]], *, trace: bool = False) -> Rendering:
    objects = [cluster(name) for name in _CLUSTERS]
    for app in apps:
        name, kind = app["name"], app["kind"]
        objects.append(
            deployment(name, app["replicas"]) if kind == "Deployment" else config_map(name)
        )
        scheduling: dict[str, Any] = {}
        if app["divided"] and kind == "Deployment":
            weights = [{"targetCluster": {"clusterNames": list(_CLUSTERS)}, "weight": 1}]
            scheduling["replicaScheduling"] = {
                "replicaSchedulingType": "Divided",
                "replicaDivisionPreference": "Weighted",
                "weightPreference": {"staticWeightList": weights},
            }
        if app["clusters"]:
            placement = {"clusterAffinity": {"clusterNames": app["clusters"]}, **scheduling}
            key = f"{kind}-{name}".lower()
            objects.append(policy(key, selector(kind, name=name), placement=placement))
            if app["label"]:
                labels = [{"operator": "add", "value": {"where": app["label"]}}]
                rule = override(key, {"labelsOverrider": labels}, clusters=[app["label"]])
                rule["spec"]["resourceSelectors"] = [selector(kind, name=name)]
                objects.append(rule)
    return render(objects, RenderOptions(trace=trace))


def _has(rendering: Rendering) -> set[tuple[str, str]]:
    return {
        (name, str(work.ref)) for name in rendering.works for work in rendering.dispatched(name)
    }


@_SOME
@given(_FLEETS)
def test_nothing_differs_from_itself(apps: list[dict[str, Any]]) -> None:
    rendering = _rendering(apps)
    assert not compare(rendering, rendering)
    assert not compare(rendering, _rendering(apps))


@_SOME
@given(_FLEETS, _FLEETS)
def test_all_that_comes_and_goes_is_reported_and_nothing_else(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    before, after = _rendering(one), _rendering(other)
    found = compare(before, after)
    reported: dict[Change, set[tuple[str, str]]] = {change: set() for change in Change}
    for item in found.objects:
        reported[item.change] |= {(name, str(item.ref)) for name in item.clusters}
    held = {str(item.ref) for item in found.withheld}
    had, has = _has(before), _has(after)
    assert reported[Change.REMOVED] == {item for item in had - has if item[1] not in held}
    assert reported[Change.ADDED] == {item for item in has - had if item[1] not in held}
    assert reported[Change.CHANGED] <= had & has


@_SOME
@given(_FLEETS, _FLEETS)
def test_both_directions_mirror_each_other(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    before, after = _rendering(one), _rendering(other)
    there, back = compare(before, after), compare(after, before)
    assert {(item.ref, item.gone, item.come) for item in there.movements} == {
        (item.ref, item.come, item.gone) for item in back.movements
    }
    mirrored = {
        Change.ADDED: Change.REMOVED,
        Change.REMOVED: Change.ADDED,
        Change.CHANGED: Change.CHANGED,
    }
    assert {(item.ref, item.change, item.clusters) for item in there.objects} == {
        (item.ref, mirrored[item.change], item.clusters) for item in back.objects
    }


@_SOME
@given(_FLEETS, _FLEETS)
def test_every_movement_has_a_cause(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    found = compare(_rendering(one, trace=True), _rendering(other, trace=True))
    assert [item.ref for item in found.movements if not item.causes] == []
    assert [item.ref for item in found.objects if item.fields and not item.causes] == []
