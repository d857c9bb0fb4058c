"""Where files come from: what is read, what is skipped, and what is refused."""

import os
import socket
from io import BytesIO
from pathlib import Path

import pytest

from armada_render.errors import InputError, Problem, SourceError
from armada_render.load.source import (
    MAX_FILE_BYTES,
    DirectorySource,
    MemorySource,
    Source,
    SourceFile,
    StreamSource,
    _contents,
    compile_globs,
)

HUGE = b"#" * (MAX_FILE_BYTES + 1)


def _write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"path: {path}\n")


def _paths(source: Source, *ignore: str) -> tuple[list[str], list[Problem]]:
    problems: list[Problem] = []
    return [file.path for file in source.files(ignore, problems)], problems


def _messages(problems: list[Problem]) -> list[str]:
    return [f"{problem.location}: {problem.message}" for problem in problems]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("docs", "docs", True),
        ("docs", "docs/a.yaml", True),
        ("docs", "app/docs/a.yaml", True),
        ("docs", "docs2/a.yaml", False),
        ("docs/", "docs/a.yaml", True),
        ("docs/", "app/docs/a.yaml", True),
        ("/docs", "docs/a.yaml", True),
        ("/docs", "app/docs/a.yaml", False),
        ("/docs/", "app/docs/a.yaml", False),
        ("app/docs", "app/docs/a.yaml", True),
        ("app/docs", "x/app/docs/a.yaml", False),
        ("*.json", "a.json", True),
        ("*.json", "app/b/a.json", True),
        ("*.json", "a.json5", False),
        ("app/*.yaml", "app/a.yaml", True),
        ("app/*.yaml", "app/b/a.yaml", False),
        ("app/?.yaml", "app/a.yaml", True),
        ("app/?.yaml", "app/ab.yaml", False),
        ("**/values.yaml", "values.yaml", True),
        ("**/values.yaml", "a/b/values.yaml", True),
        ("app/**", "app", True),
        ("app/**", "app/a/b.yaml", True),
        ("app/**", "apps/a.yaml", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a**b", "a/x/b", True),
        ("a.b", "axb", False),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("*", "a\nb/c.yaml", True),
        ("a?b", "a\nb", True),
        ("docs", "docs/a\nb.yaml", True),
        ("größe.yaml", "app/größe.yaml", True),
        ("", "a.yaml", False),
    ],
)
def test_globs_are_those_of_gitignore(pattern: str, path: str, matches: bool) -> None:  # noqa: FBT001
    assert compile_globs([pattern])(path) is matches


def test_one_of_several_globs_is_enough_and_none_ignores_nothing() -> None:
    assert compile_globs(["a", "b"])("b/x")
    assert not compile_globs(["a", "b"])("c")
    assert not compile_globs([])("a")


def test_a_directory_gives_its_yaml_and_json_files_in_path_order(tmp_path: Path) -> None:
    _write(tmp_path, "z.yaml", "b/c.yml", "a/d.json", "a/README.md", "a/x.yaml.bak", "armada.yaml")
    assert _paths(DirectorySource(str(tmp_path))) == (["a/d.json", "b/c.yml", "z.yaml"], [])


def test_hidden_files_and_folders_are_skipped_but_for_the_lock(tmp_path: Path) -> None:
    _write(
        tmp_path,
        ".git/a.yaml",
        ".armada/bindings/a.yaml",
        "app/.hidden/a.yaml",
        "app/.armada/a.yaml",
        "app/.dot.yaml",
    )
    assert _paths(DirectorySource(str(tmp_path))) == ([".armada/bindings/a.yaml"], [])


def test_what_is_ignored_is_neither_read_nor_looked_into(tmp_path: Path) -> None:
    _write(tmp_path, "app/a.yaml", "docs/a.yaml")
    (tmp_path / "docs" / "link.yaml").symlink_to("/nowhere")
    assert _paths(DirectorySource(str(tmp_path)), "docs") == (["app/a.yaml"], [])


def test_a_file_name_may_hold_anything_that_is_text(tmp_path: Path) -> None:
    _write(tmp_path, "a\nb/größe \x1b.yaml")
    assert _paths(DirectorySource(str(tmp_path))) == (["a\nb/größe \x1b.yaml"], [])


def test_a_file_name_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)  # noqa: PTH102 - bytes
    with open(folder + b"/a.yaml", "wb"):  # noqa: PTH123 - bytes
        pass
    paths, problems = _paths(DirectorySource(str(tmp_path)))
    assert paths == []
    assert _messages(problems) == [
        "\\udcff/a.yaml: the name of the file or of its folder is not UTF-8"
    ]


def test_a_folder_that_is_called_like_a_file_is_a_folder(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml/b.yaml")
    assert _paths(DirectorySource(str(tmp_path)))[0] == ["a.yaml/b.yaml"]


def test_links_within_the_root_are_read_those_to_folders_are_not(tmp_path: Path) -> None:
    _write(tmp_path, "real/a.yaml")
    (tmp_path / "link.yaml").symlink_to("real/a.yaml")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "folder.yaml").symlink_to("real")
    (tmp_path / "around").symlink_to(".")
    assert _paths(DirectorySource(str(tmp_path))) == (["link.yaml", "real/a.yaml"], [])


def test_a_link_out_of_the_root_is_a_problem_even_to_a_folder_with_the_same_beginning(
    tmp_path: Path,
) -> None:
    _write(tmp_path, "root/a.yaml", "root2/b.yaml")
    (tmp_path / "root" / "b.yaml").symlink_to("../root2/b.yaml")
    paths, problems = _paths(DirectorySource(str(tmp_path / "root")))
    assert paths == ["a.yaml"]
    assert _messages(problems) == [
        "b.yaml: symbolic link leads out of the root and is not followed"
    ]


def test_a_loop_of_links_and_a_dangling_one_are_problems(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml")
    (tmp_path / "loop.yaml").symlink_to("pool.yaml")
    (tmp_path / "pool.yaml").symlink_to("loop.yaml")
    (tmp_path / "dangling.yaml").symlink_to("nothing")
    (tmp_path / "loop").symlink_to("loop")
    paths, problems = _paths(DirectorySource(str(tmp_path)))
    assert paths == ["a.yaml"]
    assert _messages(problems) == [
        "dangling.yaml: cannot be read: No such file or directory",
        "loop.yaml: cannot be read: Too many levels of symbolic links",
        "pool.yaml: cannot be read: Too many levels of symbolic links",
    ]
    assert {problem.code for problem in problems} == {6}


def test_a_folder_that_goes_away_while_it_is_read_is_a_problem(tmp_path: Path) -> None:
    source = DirectorySource(str(tmp_path))
    tmp_path.rmdir()
    paths, problems = _paths(source)
    assert (paths, _messages(problems)) == ([], [".: cannot be read: No such file or directory"])
    assert problems[0].code == 6


def test_a_single_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    _write(tmp_path, "manifests.txt", "armada.yaml")
    source = DirectorySource(str(tmp_path / "manifests.txt"))
    assert list(source.files((), [])) == [SourceFile("manifests.txt", b"path: manifests.txt\n")]
    assert source.config() is None
    assert source.read("manifests.txt") == b"path: manifests.txt\n"


def test_a_file_of_the_working_directory_needs_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "a.yaml")
    monkeypatch.chdir(tmp_path)
    assert _paths(DirectorySource("a.yaml")) == (["a.yaml"], [])


def test_a_missing_path_is_an_error_that_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist\n  hint: give a directory"):
        DirectorySource(str(tmp_path / "nowhere"))


def test_a_file_that_is_gone_cannot_be_read_again(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.yaml: No such file or directory"):
        DirectorySource(str(tmp_path)).read("a.yaml")


def test_the_config_stands_in_the_root(tmp_path: Path) -> None:
    source = DirectorySource(str(tmp_path))
    assert source.config() is None
    _write(tmp_path, "armada.yaml", "app/armada.yaml")
    assert source.config() == SourceFile("armada.yaml", b"path: armada.yaml\n")
    assert _paths(source)[0] == ["app/armada.yaml"]


def test_the_config_is_not_read_through_a_link_out_of_the_root(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password: hunter2\n")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "armada.yaml").symlink_to("../secret")
    with pytest.raises(InputError, match=r"armada\.yaml: symbolic link leads out of the root"):
        DirectorySource(str(tmp_path / "root")).config()


def test_a_config_above_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "armada.yaml").write_bytes(HUGE)
    with pytest.raises(InputError, match=r"armada\.yaml: 32 MiB is more than the 32 MiB"):
        DirectorySource(str(tmp_path)).config()


def test_memory_holds_files_by_path() -> None:
    source = MemorySource({"b.yaml": "b: 1", "a.yml": b"a: 1", "c.txt": "", "armada.yaml": "x: y"})
    assert list(source.files(("b.yaml",), [])) == [SourceFile("a.yml", b"a: 1")]
    assert source.config() == SourceFile("armada.yaml", b"x: y")
    assert source.read("b.yaml") == b"b: 1"
    assert MemorySource({}).config() is None


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (MemorySource({"big.yaml": HUGE}), "big.yaml"),
        (StreamSource(BytesIO(HUGE)), "<stdin>"),
    ],
)
def test_more_than_the_limit_is_a_problem(source: Source, place: str) -> None:
    paths, problems = _paths(source)
    assert paths == []
    assert _messages(problems) == [
        f"{place}: 32 MiB is more than the 32 MiB that one file may have"
    ]


def test_a_stream_is_read_once_and_kept_for_error_messages() -> None:
    source = StreamSource(BytesIO(b"a: 1\n"))
    assert list(source.files((), [])) == [SourceFile("<stdin>", b"a: 1\n")]
    assert source.read("<stdin>") == b"a: 1\n"
    assert source.config() is None


def test_a_file_that_comes_in_pieces_is_read_to_its_end() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        for piece in (b"ab", b"cd", b"e"):
            theirs.send(piece)
        assert _contents(ours.fileno(), 4) == b"abcd"
        theirs.close()
        assert _contents(ours.fileno(), 4) == b"e"
