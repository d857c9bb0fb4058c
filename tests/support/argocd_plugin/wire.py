"""The plugin protocol's messages on the wire, written out: no compiler, no generated code."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

SERVICE = "plugin.ConfigManagementPluginService"
MESSAGE_LIMIT = 100 * 2**20
OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
)


class Metadata(NamedTuple):
    """The first message of a stream: what is sent, and the environment of the commands."""

    app_name: str
    app_rel_path: str
    checksum: str
    size: int
    env: Mapping[str, str]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    position = 0

    def varint() -> int:
        nonlocal position
        shift = number = 0
        while True:
            byte = data[position]
            position += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while position < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            assert key & 7 == 2, "only numbers and bytes are used"
            length = varint()
            yield key >> 3, data[position : position + length]
            position += length


def encode_metadata(metadata: Metadata) -> bytes:
    """Return an AppStreamRequest with metadata."""
    body = _field(1, metadata.app_name) + _field(2, metadata.app_rel_path)
    body += _field(3, metadata.checksum) + _field(4, metadata.size)
    for name, value in metadata.env.items():
        body += _field(5, _field(1, name) + _field(2, value))
    return _field(1, body)


def encode_chunk(chunk: bytes) -> bytes:
    """Return an AppStreamRequest with a piece of the archive."""
    return _field(2, _field(1, chunk))


def decode_request(data: bytes) -> Metadata | bytes:
    """Return what an AppStreamRequest carries."""
    ((number, body),) = _fields(data)
    assert isinstance(body, bytes)
    if number == 2:
        return next((bytes(value) for _, value in _fields(body) if isinstance(value, bytes)), b"")
    texts = {1: "", 2: "", 3: ""}
    size = 0
    env = {}
    for key, value in _fields(body):
        if isinstance(value, int):
            size = value
        elif key == 5:
            pair = {n: bytes(v).decode() for n, v in _fields(value) if isinstance(v, bytes)}
            env[pair[1]] = pair.get(2, "")
        else:
            texts[key] = value.decode()
    return Metadata(texts[1], texts[2], texts[3], size, env)


def encode_manifests(manifests: list[str]) -> bytes:
    """Return a ManifestResponse."""
    return b"".join(_field(1, manifest) for manifest in manifests)


def decode_manifests(data: bytes) -> list[str]:
    """Return the texts of a ManifestResponse."""
    return [value.decode() for key, value in _fields(data) if key == 1 and isinstance(value, bytes)]


def encode_flags(first: bool, second: bool) -> bytes:  # noqa: FBT001 - two fields of a message
    """Return a message of two booleans."""
    return (_field(1, 1) if first else b"") + (_field(2, 1) if second else b"")


def decode_flags(data: bytes) -> tuple[bool, bool]:
    """Return the fields of a message of two booleans."""
    found = {key for key, value in _fields(data) if value == 1}
    return 1 in found, 2 in found
