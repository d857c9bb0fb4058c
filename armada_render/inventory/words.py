"""Labels and taints as people type them for kubectl; `ValueError` says what is wrong with a word.

Upstream: kubectl's pkg/cmd/label, and karmadactl's taint with pkg/util/lifted/taint.go.
"""

from collections.abc import Sequence

from msgspec import Struct

from armada_render.model.selector import label_value_error, qualified_name_error

EFFECTS = ("NoSchedule", "NoExecute")
"""What a taint of a cluster can do; PreferNoSchedule is for nodes."""


class LabelWords(Struct, frozen=True):
    """Labels to set, and keys of labels to remove."""

    wanted: dict[str, str]
    unwanted: tuple[str, ...] = ()


class TaintWord(Struct, frozen=True):
    """A taint; without an effect it stands for every effect (to remove only)."""

    key: str
    effect: str = ""
    value: str = ""

    def __str__(self) -> str:
        text = f"{self.key}={self.value}" if self.value else self.key
        return f"{text}:{self.effect}" if self.effect else text


class TaintWords(Struct, frozen=True):
    """Taints to set, and taints to remove."""

    wanted: tuple[TaintWord, ...]
    unwanted: tuple[TaintWord, ...] = ()


def split(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of clusters, which come first, and the changes.

    A change has `=` or `:` in it, or `-` at its end; no name has.
    """
    are_changes = [any(sign in word for sign in "=:") or word.endswith("-") for word in words]
    count = are_changes.index(True) if True in are_changes else len(words)
    for word, is_change in zip(words[count:], are_changes[count:], strict=True):
        if not is_change:
            raise ValueError(f'name the clusters before the changes: "{word}"')
    return tuple(words[:count]), tuple(words[count:])


def labels(words: Sequence[str]) -> LabelWords:
    """Read `key=value` and `key-`."""
    wanted: dict[str, str] = {}
    unwanted: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals and word.endswith("-"):
            key = word.removesuffix("-")
            unwanted.append(key)
        elif not equals:
            raise ValueError(f'"{word}" is no label: write KEY=VALUE, or KEY- to remove one')
        elif wanted.setdefault(key, value) != value:
            raise ValueError(f"the label {key} is set twice")
        _check_key(key, "label")
        if error := label_value_error(value):
            raise ValueError(f'the value "{value}" of the label {key} {error}')
    for key in unwanted:
        if key in wanted:
            raise ValueError(f"the label {key} is both set and removed")
    return LabelWords(wanted, tuple(unwanted))


def taints(words: Sequence[str]) -> TaintWords:
    """Read `key=value:Effect` and `key:Effect`; with `-` at the end, what to remove."""
    wanted: list[TaintWord] = []
    unwanted: list[TaintWord] = []
    for word in words:
        text = word.removesuffix("-")
        taint = _taint(text)
        if text != word:
            unwanted.append(taint)
            continue
        if not taint.effect:
            raise ValueError(
                f'"{word}" is no taint: write KEY=VALUE:EFFECT, or KEY- to remove one; the '
                f"effect is {' or '.join(EFFECTS)}"
            )
        if any(_is_same(taint, other) for other in wanted):
            raise ValueError(f"the taint {taint.key}:{taint.effect} is set twice")
        wanted.append(taint)
    for taint in unwanted:
        for other in wanted:
            if taint.key == other.key and taint.effect in ("", other.effect):
                raise ValueError(f"the taint {other.key}:{other.effect} is both set and removed")
    return TaintWords(tuple(wanted), tuple(unwanted))


def _taint(text: str) -> TaintWord:
    key_and_value, colon, effect = text.rpartition(":") if ":" in text else (text, "", "")
    key, _, value = key_and_value.partition("=")
    _check_key(key, "taint")
    if error := label_value_error(value):
        raise ValueError(f'the value "{value}" of the taint {key} {error}')
    if colon and effect not in EFFECTS:
        raise ValueError(
            f'"{effect}" is no effect of a cluster\'s taint: use {" or ".join(EFFECTS)}'
        )
    return TaintWord(key, effect, value)


def _is_same(one: TaintWord, other: TaintWord) -> bool:
    return (one.key, one.effect) == (other.key, other.effect)


def _check_key(key: str, what: str) -> None:
    if error := qualified_name_error(key):
        raise ValueError(f'"{key}" is no key of a {what}: {error}')
