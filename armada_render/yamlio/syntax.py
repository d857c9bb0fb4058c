"""libyaml's complaints in the words of people who write manifests; what only go-yaml takes."""

from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.libyaml import Mark, MarkedError, MarkedYAMLError
from armada_render.yamlio.limits import MAX_DEPTH

_TEMPLATE_HINT = (
    "; this looks like a template ({{ ... }}): render it first, for example with `helm template`"
)

_TAB = "a tab indents this line; YAML allows spaces only"
_TAG = 'a value that starts with "!" is taken for a tag; put it in quotes'
_MESSAGES = {
    "mapping values are not allowed in this context": (
        'unexpected ":"; put the value in quotes if the colon belongs to it, '
        "else check the indentation"
    ),
    "could not find expected ':'": 'this line is neither "key: value" nor "- item"',
    "did not find expected key": (
        "a key should stand here; check the indentation, and quotes that end too early"
    ),
    "did not find expected '-' indicator": (
        'a list item ("- ...") should stand here; check the indentation'
    ),
    "did not find expected node content": "a value is missing here",
    "did not find expected <document start>": (
        'the indentation does not fit the lines above, or "---" is missing before a new document'
    ),
    "block sequence entries are not allowed in this context": (
        'a list item ("- ...") cannot stand here; start it on a line of its own'
    ),
    "mapping keys are not allowed in this context": 'a "? key" cannot stand here',
    "found a tab character where an indentation space is expected": _TAB,
    "found a tab character that violates indentation": _TAB,
    "found unexpected document indicator": (
        'the quote that opens here is not closed before the next "---"'
    ),
    "found unexpected end of stream": "the quote that opens here is never closed",
    "did not find expected alphabetic or numeric character": (
        'a value that starts with "*" or "&" is taken for an alias or anchor; put it in quotes'
    ),
    "did not find expected comment or line break": (
        'only a line break may follow "|" or ">"; put a value that starts so in quotes'
    ),
    "did not find expected whitespace or line break": _TAG,
    "found undefined tag handle": _TAG,
    "found unknown escape character": (
        "a backslash in double quotes starts an escape, and this one does not exist; "
        "use single quotes, or write two backslashes"
    ),
    "found invalid Unicode character escape code": (
        "this escape is no character (kubectl takes no surrogate pairs); write the character itself"
    ),
    "did not find expected hexdecimal number": "this escape needs more hexadecimal digits",
    # Newer versions of libyaml have a limit of their own, far above ours, before the first event.
    "exceeded maximum nesting depth": f"maps and lists nest deeper than {MAX_DEPTH} levels here",
    "found incompatible YAML document": "kubectl reads YAML 1.1 only; remove the %YAML line",
}
# For these the beginning of the construct says more than the place where libyaml gave up.
_AT_START = frozenset(["found unexpected document indicator", "found unexpected end of stream"])
_UNCLOSED = {
    "did not find expected ',' or ']'": "[",
    "did not find expected ',' or '}'": "{",
}


def explained(text: str, error: Exception) -> YamlError:
    """Return what libyaml's `error` about `text` means to a user."""
    if not isinstance(error, MarkedYAMLError):
        return _unreadable(text, error)
    marked: MarkedError = error
    mark, context = marked.problem_mark, marked.context_mark
    if context is not None and marked.problem in _AT_START:
        mark = context
    message = _message(text, marked.problem, mark, context)
    return YamlError(message, mark.line + 1, mark.column + 1)


def template_hint(text: str, *marks: Mark) -> str:
    """Return a hint for the end of a message when `{{` stands on or next to a line of `marks`."""
    lines = text.splitlines()
    near = [line for mark in marks for line in lines[max(mark.line - 1, 0) : mark.line + 2]]
    return _TEMPLATE_HINT if any("{{" in line for line in near) else ""


def repaired(text: str, error: MarkedError) -> str | None:
    r"""Return `text` as libyaml takes it, None when go-yaml refuses what `error` is about too.

    go-yaml's older scanner takes `\'` in double quotes, and in `{a:}` reads the scalar `a:`
    (scannerc.go: yaml_parser_scan_flow_scalar, yaml_parser_scan_plain_scalar).
    """
    at = error.problem_mark.index
    if error.problem == "found unknown escape character" and text.startswith("\\'", at):
        return text[:at] + text[at + 1 :]
    if error.problem == "found unexpected ':'" and error.context_mark is not None:
        start = error.context_mark.index
        scalar = text[start : at + 1].replace("'", "''")
        return f"{text[:start]}'{scalar}'{text[at + 1 :]}"
    return None


def _message(text: str, problem: str, mark: Mark, context: Mark | None) -> str:
    if problem == "found character that cannot start any token":
        message = _bad_start(text[mark.index : mark.index + 1])
    elif problem in _UNCLOSED and context is not None:
        opening = f'the "{_UNCLOSED[problem]}" on line {context.line + 1}'
        message = f"{opening} is not closed, or a comma is missing before this"
    else:
        message = _MESSAGES.get(problem, problem)
    return message + template_hint(text, mark, *([context] if context else []))


def _bad_start(char: str) -> str:
    if char == "\t":
        return _TAB
    return f'a value cannot start with "{char}"; put it in quotes'


def _unreadable(text: str, error: Exception) -> YamlError:
    """Explain a character that YAML does not allow; libyaml gives its byte offset and its code."""
    _, offset, code, _, _ = error.args
    before = text.encode()[:offset].decode("utf-8", "replace")
    line, column = position(before, len(before))
    if code == 0:
        return YamlError("this is not a text file: it contains NUL bytes", line, column)
    message = f"the character U+{code:04X} cannot stand in YAML; in double quotes, escape it"
    return YamlError(message, line, column)


def position(text: str, index: int) -> tuple[int, int]:
    """Return line and column, from 1, of the character at `index`."""
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1
