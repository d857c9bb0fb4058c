"""Documents from the cache are those that the parser gives."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armada_render.cache import Cache, DocumentReader, Store, fingerprint, open_cache
from armada_render.yamlio import YamlError, dumps, load_documents

PROGRAM = b"this version"
_ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8")),
)
_VALUES = st.recursive(
    _ATOMS, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner), max_leaves=20
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(str(tmp_path_factory.mktemp("x") / "cache"))
    assert opened is not None
    yield opened
    opened.close()


def _reader(store: Store, program: bytes = PROGRAM) -> DocumentReader:
    return DocumentReader(store, lambda: program, direct_bytes=0)


def _is_beyond(text: str) -> bool:
    return any(int(digits) >= 2**63 for digits in re.findall(r"\d{19,}", text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(_VALUES, max_size=3))
def test_any_document_comes_back_as_it_was(store: Store, values: list[object]) -> None:
    data = "".join(f"---\n{dumps(value)}" for value in values).encode()
    first, second = _reader(store), _reader(store)
    expected = load_documents(data)
    assert first(data) == expected
    found = second(data)
    assert found == expected
    assert repr(found) == repr(expected)  # 1 and 1.0 and True are equal, but not the same
    assert second.hits == 1 or _is_beyond(repr(expected))


def test_numbers_beyond_64_bits_are_parsed_each_time(store: Store) -> None:
    for _ in range(2):
        reader = _reader(store)
        assert reader(b"a: 1e20") == load_documents(b"a: 1e20")
        assert reader.hits == 0


def test_lines_and_numbers_of_documents_come_back(store: Store) -> None:
    data = b"# note\na: 1\n---\n---\nb: 2\n"
    _reader(store)(data)
    assert [(one.line, one.index) for one in _reader(store)(data)] == [(2, 0), (5, 2)]


def test_another_version_reads_for_itself(store: Store) -> None:
    _reader(store)(b"a: another version")
    other = _reader(store, b"another version")
    other(b"a: another version")
    assert other.hits == 0


def test_what_is_no_yaml_is_said_each_time(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(YamlError):
            _reader(store)(b"a: [")


@pytest.mark.parametrize(
    "text",
    [
        "kind: Secret\ndata: {a: c2VjcmV0}\n",
        'kind: "Se\\x63ret"\ndata: {a: c2VjcmV0}\n',
        "a: 1\n---\nkind: List\nitems: [{kind: Secret, data: {a: c2VjcmV0}}]\n",
        "kind: SecretList\nitems: [{data: {a: c2VjcmV0}}]\n",
    ],
)
def test_secrets_are_not_copied_to_the_cache(tmp_path: Path, text: str) -> None:
    store = Store.open(str(tmp_path / "c"))
    assert store is not None
    for _ in range(2):
        reader = _reader(store)
        assert reader(text.encode()) == load_documents(text)
        assert reader.hits == 0
    assert not any(b"c2VjcmV0" in path.read_bytes() for path in (tmp_path / "c").iterdir())


def test_a_small_fleet_leaves_no_trace(store: Store) -> None:
    for _ in range(2):
        reader = DocumentReader(store, lambda: PROGRAM)
        reader(b"a: of a small fleet")
        assert reader.hits == 0


def test_the_program_is_the_same_twice_and_has_a_cache(tmp_path: Path) -> None:
    assert fingerprint() == fingerprint()
    assert open_cache({}) is None
    cache = open_cache({"HOME": str(tmp_path)})
    assert isinstance(cache, Cache)
    with cache:
        assert cache.documents(b"a: 1") == load_documents(b"a: 1")
