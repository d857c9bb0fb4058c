"""A source becomes a fleet: documents, lists, settings, the inventory, and places of problems."""

from pathlib import Path

import pytest

from armada_render.errors import InputError, Problem, SourceError, SourceLocation
from armada_render.load import (
    DirectorySource,
    Loaded,
    MemorySource,
    Pinpointer,
    from_objects,
    load,
    pinpoint,
)
from armada_render.model import configfile
from armada_render.model.config import Config
from tests.support.objects import config_map, deployment

ONE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


def _names(loaded: Loaded) -> list[str]:
    return [template.ref.name for template in loaded.fleet.templates]


def _memory(files: dict[str, str | bytes]) -> Loaded:
    return load(MemorySource(files))


def test_many_documents_have_their_lines() -> None:
    loaded = _memory({"a.yaml": f"# first\n{ONE % 'a'}---\n---\n# comment\n{ONE % 'b'}"})
    assert [template.location for template in loaded.fleet.templates] == [
        SourceLocation("a.yaml", 2),
        SourceLocation("a.yaml", 8),
    ]


def test_json_is_read_as_kubectl_reads_it() -> None:
    loaded = _memory({"a.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}'})
    assert (_names(loaded), loaded.fleet.problems) == (["a"], ())


@pytest.mark.parametrize(
    "data",
    [
        (ONE % "a").encode("utf-8-sig"),
        (ONE % "a").replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf---\r\n" + (ONE % "a").replace("\n", "\r\n").encode(),
    ],
)
def test_byte_order_marks_and_windows_line_ends_are_no_problem(data: bytes) -> None:
    loaded = _memory({"a.yaml": data})
    assert (_names(loaded), loaded.fleet.problems) == (["a"], ())


def test_an_empty_file_holds_nothing() -> None:
    loaded = _memory({"a.yaml": "", "b.yaml": "# nothing\n---\n"})
    assert (loaded.fleet.templates, loaded.fleet.problems) == ((), ())


def test_lists_unfold_and_their_items_have_their_place() -> None:
    inner = {"apiVersion": "v1", "kind": "List", "items": [config_map("b")]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [config_map("a"), inner]}
    fleet = from_objects([outer])
    assert [template.ref.name for template in fleet.templates] == ["a", "b"]

    loaded = _memory({"a.yaml": "kind: List\nitems:\n- kind: List\n  items:\n  - a: 1\n"})
    (problem,) = loaded.fleet.problems
    assert problem.location == SourceLocation("a.yaml", 1, 0, ("items", 0, "items", 0))


def test_items_of_a_typed_list_have_the_type_of_the_list() -> None:
    item = deployment("a")
    del item["apiVersion"], item["kind"]
    fleet = from_objects([{"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [item]}])
    assert [str(template.ref) for template in fleet.templates] == ["apps/v1/Deployment/default/a"]


def test_items_of_a_typed_list_keep_a_type_of_their_own() -> None:
    listed = {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [config_map("a")]}
    assert [str(item.ref) for item in from_objects([listed]).templates] == [
        "v1/ConfigMap/default/a"
    ]


def test_items_of_a_plain_list_need_a_type() -> None:
    fleet = from_objects([{"apiVersion": "v1", "kind": "List", "items": [{"metadata": {}}, 3]}])
    assert [problem.message for problem in fleet.problems] == [
        "apiVersion is missing",
        "not a Kubernetes object but a plain value",
    ]


def test_a_kind_that_is_called_list_but_holds_none_is_an_object() -> None:
    allow = {"apiVersion": "example.io/v1", "kind": "AllowList", "metadata": {"name": "a"}}
    assert [item.ref.kind for item in from_objects([allow]).templates] == ["AllowList"]


def test_objects_that_are_no_json_are_problems() -> None:
    fleet = from_objects([{**config_map("a"), "data": {"x": 10**400}}, config_map("b")])
    assert [template.ref.name for template in fleet.templates] == ["b"]
    assert [str(problem.location) for problem in fleet.problems] == ["[0]"]


def test_the_app_is_the_first_folder() -> None:
    loaded = _memory({"a.yaml": ONE % "a", "shop/b.yaml": ONE % "b", "shop/deep/c.yaml": ONE % "c"})
    assert [template.app for template in loaded.fleet.templates] == ["default", "shop", "shop"]


def test_broken_yaml_has_line_and_column_and_does_not_hide_other_files() -> None:
    loaded = _memory({"a.yaml": "a: [", "b.yaml": ONE % "b"})
    assert _names(loaded) == ["b"]
    (problem,) = loaded.fleet.problems
    assert problem.location == SourceLocation("a.yaml", 2, 1)


def test_conflict_markers_are_called_by_their_name() -> None:
    text = f"{ONE % 'a'}<<<<<<< HEAD\ndata: {{}}\n=======\n>>>>>>> other\n"
    (problem,) = _memory({"a.yaml": text}).fleet.problems
    assert str(problem) == (
        "a.yaml:4:1: a conflict marker of Git: the merge is not finished\n"
        "  hint: resolve the conflict"
    )


def test_settings_decide_what_is_read() -> None:
    loaded = _memory(
        {"armada.yaml": "ignore: [docs]\nnamespace: team", "a.yaml": ONE % "a", "docs/b.yaml": "x"}
    )
    assert loaded.config == configfile.Config(ignore=("docs",), namespace="team")
    assert [str(template.ref) for template in loaded.fleet.templates] == ["v1/ConfigMap/team/a"]
    assert loaded.ignores("docs/b.yaml")
    assert not loaded.ignores("a.yaml")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: [", "armada.yaml:2:1", "a value is missing here"),
        ("- a", "armada.yaml:1", "must hold one mapping"),
        ("", "armada.yaml:1", "must hold one mapping"),
        ("{}\n---\n{}", "armada.yaml:1", "must hold one mapping"),
        ("# x\nnamespace: 3", "armada.yaml:2", "expected text, got a whole number"),
    ],
)
def test_broken_settings_are_problems_and_defaults_go_on(
    text: str, place: str, message: str
) -> None:
    loaded = _memory({"armada.yaml": text, "a.yaml": ONE % "a"})
    assert _names(loaded) == ["a"]
    assert loaded.config == Config()
    (problem,) = loaded.fleet.problems
    assert (str(problem.location), problem.message) == (place, message)


def test_an_unknown_setting_keeps_the_others() -> None:
    loaded = _memory({"armada.yaml": "namespace: team\nignores: []\n"})
    assert loaded.config == configfile.Config(namespace="team")
    assert [problem.field for problem in loaded.fleet.problems] == ["ignores"]


def test_the_inventory_stands_beside_with_paths_of_its_own() -> None:
    seen: list[str] = []
    loaded = load(
        MemorySource({"a.yaml": ONE % "a", "armada.yaml": "ignore: ['*.yml']"}),
        MemorySource({"shop/a.yaml": ONE % "b", "c.yml": "a: ["}),
        digest=lambda data: str(len(data)),
        on_file=seen.append,
    )
    assert seen == ["a.yaml", "c.yml", "shop/a.yaml"]
    assert loaded.digests == {
        "armada.yaml": "17",
        "a.yaml": str(len(ONE % "a")),
        "--clusters/c.yml": "4",
        "--clusters/shop/a.yaml": str(len(ONE % "b")),
    }
    assert [(item.app, str(item.location)) for item in loaded.fleet.templates] == [
        ("default", "a.yaml:1"),
        ("shop", "--clusters/shop/a.yaml:1"),
    ]
    assert [str(problem.location) for problem in loaded.fleet.problems] == ["--clusters/c.yml:2:1"]


def test_files_of_the_inventory_that_cannot_be_read_have_its_paths(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    loaded = load(MemorySource({}), DirectorySource(str(tmp_path)))
    assert [str(problem.location) for problem in loaded.fleet.problems] == ["--clusters/loop.yaml"]


def test_settings_that_may_not_be_read_stop_everything(tmp_path: Path) -> None:
    (tmp_path / "armada.yaml").symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="leads out of the root"):
        load(DirectorySource(str(tmp_path)))


TWO = f"{ONE % 'a'}---\n{ONE % 'b'}data:\n  x: [1,\n    2]\n"


@pytest.mark.parametrize(
    ("location", "field", "place"),
    [
        (SourceLocation("a.yaml", 5), "data.x[1]", "a.yaml:10"),
        (SourceLocation("a.yaml", 5), "data.y", "a.yaml:8"),
        (SourceLocation("a.yaml", 5), "", "a.yaml:5"),
        (SourceLocation("a.yaml", 5, 3), "data.x[1]", "a.yaml:5:3"),
        (SourceLocation("a.yaml"), "data.x[1]", "a.yaml"),
        (SourceLocation("a.yaml", 4), "data.x[1]", "a.yaml:4"),
    ],
)
def test_a_problem_is_given_the_line_of_its_field(
    location: SourceLocation, field: str, place: str
) -> None:
    problem = Problem(message="m", location=location, field=field)
    found = pinpoint(problem, MemorySource({"a.yaml": TWO}))
    assert (str(found.location), found.field, found.message) == (place, field, "m")


def test_an_item_of_a_list_is_found_without_a_field() -> None:
    source = MemorySource({"a.yaml": "kind: List\nitems:\n- a: 1\n- b: 1\n"})
    (_, problem) = load(source).fleet.problems
    assert str(pinpoint(problem, source).location) == "a.yaml:4"


def test_a_problem_without_a_place_stays_as_it_is() -> None:
    problem = Problem(message="m", field="spec")
    assert pinpoint(problem, MemorySource({})) is problem


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    problem = Problem(message="m", location=SourceLocation("a.yaml", 1), field="spec")
    with pytest.raises(SourceError, match="No such file"):
        pinpoint(problem, DirectorySource(str(tmp_path)))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (TWO.encode("utf-16"), 10),
        (TWO.encode("utf-8-sig"), 10),
        (TWO.replace("\n", "\r").encode(), 10),
        (TWO.replace("\n", "\r\n").encode(), 10),
        (TWO.replace("name: a}", "name: 'a\u2028'}").encode(), 11),
    ],
)
def test_lines_are_found_whatever_ends_them(data: bytes, line: int) -> None:
    source = MemorySource({"a.yaml": data})
    problem = Problem(message="m", location=SourceLocation("a.yaml", line - 5), field="data.x[1]")
    assert str(pinpoint(problem, source).location) == f"a.yaml:{line}"


def test_each_file_is_read_once_and_no_run_looks_for_minutes() -> None:
    class Counting(MemorySource):
        reads = 0

        def read(self, path: str) -> bytes:
            self.reads += 1
            return super().read(path)

    many = "---\n".join(f"{ONE % number}data:\n  x: [1,\n    2]\n" for number in range(300))
    huge = f"{ONE % 'huge'}data: {{y: {'x' * (8 * 2**20)}}}\n"
    source = Counting({"a.yaml": many, "b.yaml": huge})
    finder = Pinpointer(source)
    for number in range(300):
        location = SourceLocation("a.yaml", 1 + 7 * number)
        found = finder.find(Problem(message="m", location=location, field="data.x[1]"))
        assert found.location == SourceLocation("a.yaml", 6 + 7 * number)
    assert source.reads == 1
    last = Problem(message="m", location=SourceLocation("b.yaml", 1), field="data.y")
    assert str(finder.find(last).location) == "b.yaml:4"
    assert finder.find(last) is last


def test_a_large_file_is_read_whole(tmp_path: Path) -> None:
    text = f"{ONE % 'a'}data: {{x: {'x' * (3 * 2**20)}}}\n"
    (tmp_path / "a.yaml").write_text(text)
    (template,) = load(DirectorySource(str(tmp_path))).fleet.templates
    assert len(template.manifest["data"]["x"]) == 3 * 2**20
