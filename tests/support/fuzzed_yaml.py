"""Random YAML: what people write, what machines write, and what nobody should."""

import random
from collections.abc import Callable

WORDS = (
    *("yes", "No", "on", "OFF", "y", "n", "true", "False", "null", "~", "Null", "", "nil"),
    *("0644", "010", "0o644", "08", "0x1F", "0b101", "1_000", "-0", "+1", "00", "1e3", "12e03"),
    *("1.0", "5.", "-0.0", ".5", "1e400", "-.inf", ".nan", "1.5e-7", "9223372036854775808"),
    *("18446744073709551616", "1:30", "190:20:30.15", "2024-01-02", "2024-01-02T03:04:05Z"),
    *("<<", "=", "a b", "a: b", "a #b", "#a", "- a", "? a", ": a", "a:", "-", "?", ":", "@a"),
    *("`a", "%a", "!a", "&a", "*a", "|", ">", "'", '"', "[", "]", "{", "}", ",", "{{ .x }}"),
    *("ä", "\u2028", "\xa0", "\ufeff", "\x85", "\U0001f600", "http://a.b/c?d=e&f", "a\\b", "100m"),
    *(
        "nginx:1.27@sha256:abc",
        "*.example.org",
        "a,b",
        "k8s.io/x=y",
        "$(VAR)",
        "1Gi",
        "12345678901",
    ),
)
_ESCAPES = (
    "\\n",
    "\\t",
    "\\x41",
    "\\u00e4",
    "\\U0001F600",
    "\\e",
    "\\_",
    "\\N",
    "\\L",
    "\\ ",
    "\\/",
)
_NOISE = "abz019 :-?#,[]{}&*!|>'\"%@`\n\t~=<.\\"


class Writer:
    """Writes random values as text, indented below a key."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._anchors: list[str] = []

    def document(self) -> str:
        """Return the lines of a value that stands behind `value:`."""
        self._anchors = []
        text = self._node(2, 0)
        for _ in range(self._chance.choice((0, 0, 0, 0, 1, 2))):
            text = self._damaged(text)
        return text

    def _node(self, indent: int, depth: int) -> str:
        kinds: list[Callable[[int, int], str]] = [self._inline]
        if depth < 4:
            kinds += [self._map, self._map, self._list]
        return self._chance.choice(kinds)(indent, depth)

    def _inline(self, _indent: int, depth: int) -> str:
        return f" {self._decorated(self._flow(depth))}{self._end()}"

    def _end(self) -> str:
        return self._chance.choice(("\n", "\n", "\n", " # note\n", "\r\n", "  \n", "\n\n"))

    def _map(self, indent: int, depth: int) -> str:
        lines = [self._end()]
        for _ in range(self._chance.randint(1, 4)):
            key = self._chance.choice(("a", "b", "key", self._scalar(), self._scalar()))
            if self._anchors and self._chance.random() < 0.1:
                lines.append(f"{' ' * indent}<<: *{self._chance.choice(self._anchors)}\n")
            lines.append(f"{' ' * indent}{key}:{self._node(indent + 2, depth + 1)}")
        return "".join(lines)

    def _list(self, indent: int, depth: int) -> str:
        indent = self._chance.choice((indent, indent, indent + 3))
        lines = [self._end()]
        lines += (
            f"{' ' * indent}-{self._node(indent + 2, depth + 1)}"
            for _ in range(self._chance.randint(1, 4))
        )
        return "".join(lines)

    def _flow(self, depth: int) -> str:
        kind = self._chance.random()
        if depth > 4 or kind < 0.7:
            return self._block() if kind < 0.06 else self._scalar()
        inner = [self._flow(depth + 2) for _ in range(self._chance.randint(0, 3))]
        if kind < 0.85:
            return f"[{', '.join(inner)}]"
        pairs = (f"{self._scalar()}: {item}" for item in inner)
        return "{" + self._chance.choice((", ", ",", " , ")).join(pairs) + "}"

    def _scalar(self) -> str:
        word = self._chance.choice(WORDS)
        kind = self._chance.random()
        if kind < 0.5:
            return word
        if kind < 0.7:
            return "'" + word.replace("'", "''") + "'"
        if kind < 0.9:
            inner = word.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{inner}{self._chance.choice(("", *_ESCAPES))}"'
        return str(self._chance.choice((self._chance.randint(-(10**19), 10**20), "text", 7, 0.25)))

    def _block(self) -> str:
        header = self._chance.choice("|>") + self._chance.choice(("", "-", "+", "2", "-1"))
        pad = " " * 14
        lines = "".join(f"{pad}{self._chance.choice(WORDS)}\n" for _ in range(3))
        end = self._chance.choice(("", pad, "\n"))
        return f"{header}\n{lines}{end}"

    def _decorated(self, text: str) -> str:
        kind = self._chance.random()
        if kind < 0.06:
            name = self._chance.choice("xyz")
            self._anchors.append(name)
            return f"&{name} {text}"
        if kind < 0.1 and self._anchors:
            return f"*{self._chance.choice(self._anchors)}"
        if kind < 0.14:
            tag = self._chance.choice(
                ("!!str", "!!int", "!!float", "!!bool", "!!null", "!x", "!!binary")
            )
            return f"{tag} {text}"
        return text

    def _damaged(self, text: str) -> str:
        at = self._chance.randrange(len(text))
        kind = self._chance.random()
        if kind < 0.4:
            return text[:at] + text[at + 1 :]
        return text[:at] + self._chance.choice(_NOISE) + text[at + (kind < 0.7) :]


def value(chance: random.Random, depth: int = 0) -> object:
    """Return random JSON data with the words that are hardest to write.

    Without the two that sigs.k8s.io/yaml itself loses, as we do who write the same bytes: U+0085
    becomes a blank, and `<<` as a key a merge.
    """
    kind = chance.random()
    if depth < 4 and kind < 0.25:
        return {_text(chance): value(chance, depth + 1) for _ in range(chance.randint(0, 4))}
    if depth < 4 and kind < 0.45:
        return [value(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    if kind < 0.55:
        numbers = (chance.randint(-(2**63), 2**63 - 1), chance.random() * 1e9 + 0.5, 0, -1, 2**53)
        return chance.choice(numbers)
    return chance.choice((None, True, False)) if kind < 0.6 else _text(chance)


def _text(chance: random.Random) -> str:
    words = [word for word in WORDS if word not in ("\x85", "<<")]
    parts = [chance.choice(words) for _ in range(chance.choice((1, 1, 1, 2, 12)))]
    return chance.choice(("", " ", "\n", "\n\n", "  ", "\t")).join(parts)
