"""From what stands in a file to the text that libyaml gets."""

from armada_render.model.pattern import pattern
from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.syntax import position

_BYTE_ORDER_MARK = "\ufeff"
_LATE_MARK = pattern("[\n\r]\ufeff")


def decoded(data: str | bytes) -> str:
    """Return the text of `data`: UTF-8, or UTF-16 when it starts with a byte order mark.

    Raises `YamlError` for anything else.
    """
    text = data if isinstance(data, str) else _from_bytes(data)
    text = text.removeprefix(_BYTE_ORDER_MARK)
    # libyaml drops the mark there, go-yaml makes it part of the key that follows.
    late = None if text.isascii() else _LATE_MARK.search(text)
    if late is not None:
        message = "a byte order mark (U+FEFF) is in the middle of the file; remove it"
        raise YamlError(message, *position(text, late.end() - 1))
    return text


def _from_bytes(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        raise YamlError(
            "this is not a text file: it contains NUL bytes", *_place(data, data.index(b"\0"))
        )
    else:
        encoding = "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        message = f"this is not a text file in {encoding.upper()}: {error.reason}"
        raise YamlError(message, line, column) from error


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].decode("utf-8", "replace")
    return position(before, len(before))
