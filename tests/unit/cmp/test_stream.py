"""What is handed to Argo CD, and what never is."""

import pytest

from armada_render.cmp.stream import encoded
from armada_render.errors import ExitCode, GuardError
from armada_render.model.resource import Manifest, ObjectReference
from armada_render.model.work import Work


def work(manifest: Manifest) -> Work:
    metadata = manifest["metadata"]
    ref = ObjectReference(
        manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"]
    )
    return Work(ref=ref, manifest=manifest, template=ref, app="web")


def thing(kind: str = "ConfigMap", name: str = "a", api: str = "v1", **more: object) -> Work:
    metadata = {"name": name, "namespace": "web"}
    return work({"apiVersion": api, "kind": kind, "metadata": metadata, **more})


def refused(*works: Work, any_kind: bool = False) -> list[str]:
    with pytest.raises(GuardError) as caught:
        encoded(works, any_kind=any_kind)
    assert {problem.code for problem in caught.value.problems} == {ExitCode.GUARD}
    return [problem.message for problem in caught.value.problems]


def test_each_object_is_a_document_of_one_line() -> None:
    assert encoded([thing(), thing(name="b")], any_kind=False) == (
        b'---\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web"}}\n'
        b'---\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"web"}}\n'
    )


def test_nothing_is_still_a_document() -> None:
    assert encoded([], any_kind=False) == b"---\n"


def test_what_go_would_leave_bare_passes_as_a_json_stream() -> None:
    data = encoded([thing(data={"a": "\x7f"}), thing(name="b")], any_kind=False)
    assert data.startswith(b'{"apiVersion"')
    assert b"\\u007f" in data
    assert b"---" not in data


@pytest.mark.parametrize("items", [[], None, [1]])
def test_what_argo_takes_for_a_list_is_refused(items: object) -> None:
    (message,) = refused(thing("Basket", api="example.io/v1", items=items))
    assert message.startswith("Argo CD takes what has items at its top for a list")


def test_items_that_are_no_list_pass() -> None:
    assert encoded([thing("Basket", api="example.io/v1", items={})], any_kind=False)


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("argoproj.io/v1alpha1", "Application"),
        ("argoproj.io/v1alpha1", "AppProject"),
        ("policy.karmada.io/v1alpha1", "PropagationPolicy"),
        ("work.karmada.io/v1alpha1", "Work"),
    ],
)
def test_what_delivers_other_objects_is_refused_unless_allowed(api: str, kind: str) -> None:
    (message,) = refused(thing(kind, api=api))
    assert message.startswith("an object that delivers others")
    assert encoded([thing(kind, api=api)], any_kind=True)


def test_a_rollout_is_no_delivery() -> None:
    assert encoded([thing("Rollout", api="argoproj.io/v1alpha1")], any_kind=False)


def test_half_a_surrogate_pair_is_refused() -> None:
    (message,) = refused(thing(data={"a": "\ud83d"}))
    assert message == "a text holds half of a surrogate pair"


def test_what_does_not_read_back_is_refused() -> None:
    # A key of more than 1024 letters is valid JSON and no YAML.
    (message,) = refused(thing(data={"k" * 1100: "x"}))
    assert message.startswith("the output does not read back")


def test_an_object_without_a_name_is_refused() -> None:
    nameless = Work(
        ref=ObjectReference("v1", "ConfigMap", "web", "a"),
        manifest={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": 1}},
        template=ObjectReference("v1", "ConfigMap", "web", "a"),
        app="web",
    )
    (message,) = refused(nameless)
    assert message.startswith("is no object any more: metadata.name is missing")
