"""Why a document does not fit a struct: the slow path of `model.decode`, which imports it lazily.

The walk follows the type, collects every problem, and returns the document in the form that fits:
without null members and unknown fields, with whole floats as integers.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any

from msgspec import ValidationError, convert, inspect

from armada_render.errors import one_line
from armada_render.model.decode import FieldPath, FieldProblem, ProblemKind, format_path
from armada_render.model.policy import ClusterPurgeMode, PurgeMode

# Karmada 1.19 removed these words (architecture: old spellings still work).
OLD_PURGE_MODES = {"Immediately": "Directly", "Graciously": "Gracefully"}
_OLD_SPELLINGS: Mapping[type[Enum], Mapping[str, str]] = {
    PurgeMode: OLD_PURGE_MODES,
    ClusterPurgeMode: OLD_PURGE_MODES,
}
_LONGEST_SHOWN = 40
_MOST_NAMES_SHOWN = 12

_FORMS: Mapping[type[inspect.Type], tuple[tuple[type, ...], str]] = {
    inspect.StrType: ((str,), "text"),
    inspect.BoolType: ((bool,), "true or false"),
    inspect.IntType: ((int,), "a whole number"),
    inspect.FloatType: ((int, float), "a number"),
    inspect.ListType: ((list, tuple), "a list"),
    inspect.VarTupleType: ((list, tuple), "a list"),
    inspect.DictType: ((Mapping,), "an object"),
    inspect.StructType: ((Mapping,), "an object"),
}
_KINDS: tuple[tuple[type, str], ...] = (
    (type(None), "null"),
    (str, "text"),
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (list, "a list"),
    (tuple, "a list"),
)


def diagnose(
    document: object, type_: type[Any], path: FieldPath
) -> tuple[object, tuple[FieldProblem, ...]]:
    """Return the document in the form that fits `type_`, and all problems.

    Without a fatal problem the returned document converts to `type_`.
    """
    walk = _Walk()
    cleaned = walk.clean(document, inspect.type_info(type_), path)
    if not any(problem.fatal for problem in walk.problems):
        try:
            convert(cleaned, type_)
        except ValidationError as error:
            # A kind of type that the walk does not know. msgspec names types, never values.
            walk.report(path, str(error))
    return cleaned, tuple(walk.problems)


class _Walk:
    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def report(
        self, path: FieldPath, message: str, hint: str = "", kind: ProblemKind = ProblemKind.INVALID
    ) -> None:
        self.problems.append(FieldProblem(path=path, message=message, hint=hint, kind=kind))

    def clean(self, value: object, type_: inspect.Type, path: FieldPath) -> object:
        """Return `value` in the form that fits `type_`, reporting what does not."""
        if isinstance(type_, inspect.UnionType):
            if value is None and type_.includes_none:
                return None
            type_ = _member(type_, value)
        match type_:
            case inspect.EnumType(cls=cls):
                words = [str(member.value) for member in cls]
                return self._word(value, words, _OLD_SPELLINGS.get(cls, {}), path)
            case inspect.LiteralType(values=values):
                return self._word(value, [str(word) for word in values if word != ""], {}, path)
            case inspect.IntType() if isinstance(value, float) and value.is_integer():
                # sigs.k8s.io/yaml writes 3.0 as 3 before Kubernetes reads it.
                value = int(value)
            case _:
                pass
        if not _fits(value, type_):
            self.report(
                path, f"expected {_noun(type_)}, got {_kind(value)}", _type_hint(value, type_)
            )
            return value
        return self._contents(value, type_, path)

    def _contents(self, value: object, type_: inspect.Type, path: FieldPath) -> object:
        match type_, value:
            case inspect.StructType(), Mapping():
                return self._object(value, type_, path)
            case inspect.VarTupleType() | inspect.ListType(), list() | tuple():
                self._limit(path, _length_error(len(value), type_.min_length, None, "item"))
                item = type_.item_type
                return [self.clean(element, item, (*path, i)) for i, element in enumerate(value)]
            case inspect.DictType(value_type=item), Mapping():
                return {str(k): self.clean(v, item, (*path, str(k))) for k, v in value.items()}
            case inspect.IntType() | inspect.FloatType(), int() | float():
                self._limit(path, _range_error(value, type_))
            case inspect.StrType(min_length=low, max_length=high), str():
                self._limit(path, _length_error(len(value), low, high, "character"))
            case _:
                pass
        return value

    def _limit(self, path: FieldPath, message: str) -> None:
        if message:
            self.report(path, message)

    def _word(
        self, value: object, words: list[str], old_words: Mapping[str, str], path: FieldPath
    ) -> object:
        if not isinstance(value, str):
            self.report(path, f"expected one of {', '.join(words)}, got {_kind(value)}")
        elif value in old_words:
            new = old_words[value]
            message = f'"{value}" is the old word for "{new}"; Karmada 1.19 removed it'
            self.report(path, message, f"write {path[-1]}: {new}", ProblemKind.OLD_SPELLING)
            return new
        elif value not in words:
            message = f"{_shown(value)} is not one of {', '.join(words)}"
            self.report(path, message, _did_you_mean(value, words))
        return value

    def _object(
        self, value: Mapping[object, object], type_: inspect.StructType, path: FieldPath
    ) -> dict[str, object]:
        fields = {field.encode_name: field for field in type_.fields}
        cleaned: dict[str, object] = {}
        for key, member in value.items():
            name = str(key)
            if (field := fields.get(name)) is not None:
                if not _is_absent(member, field):
                    cleaned[name] = self.clean(member, field.type, (*path, name))
            elif type_.forbid_unknown_fields:
                message = f"unknown field {_shown(name)}"
                hint = _field_hint(name, type_)
                self.report((*path, name), message, hint, ProblemKind.UNKNOWN_FIELD)
        for name, field in fields.items():
            if field.required and name not in cleaned:
                self.report((*path, name), "this field is required")
        return cleaned


def _is_absent(value: object, field: inspect.Field) -> bool:
    if value is None:
        # Kubernetes treats null as absent; a field of any type keeps it (an overrider's `value`).
        return not isinstance(field.type, inspect.AnyType)
    # Go's omitempty drops an empty word before the schema's enum is looked at.
    return value == "" and not field.required and _is_words(field.type)


def _is_words(type_: inspect.Type) -> bool:
    if isinstance(type_, inspect.UnionType):
        return any(_is_words(member) for member in type_.types)
    return isinstance(type_, inspect.EnumType | inspect.LiteralType)


def _member(union: inspect.UnionType, value: object) -> inspect.Type:
    """Return the member that `value` fits, the only one there is, or the union itself."""
    members = [member for member in union.types if not isinstance(member, inspect.NoneType)]
    if len(members) == 1:
        return members[0]
    return next((member for member in members if _fits(value, member)), union)


def _fits(value: object, type_: inspect.Type) -> bool:
    """Tell whether `value` is of the kind of `type_`, whatever it contains."""
    if isinstance(type_, inspect.UnionType):
        return any(_fits(value, member) for member in type_.types)
    if isinstance(value, bool) and isinstance(type_, inspect.IntType | inspect.FloatType):
        return False
    form = _FORMS.get(type(type_))
    return form is None or isinstance(value, form[0])


def _noun(type_: inspect.Type) -> str:
    members = type_.types if isinstance(type_, inspect.UnionType) else (type_,)
    nouns = dict.fromkeys(_FORMS[type(member)][1] for member in members if type(member) in _FORMS)
    if "a number" in nouns:
        nouns.pop("a whole number", None)
    return " or ".join(nouns)


def _kind(value: object) -> str:
    return next((noun for python, noun in _KINDS if isinstance(value, python)), "an object")


def _type_hint(value: object, type_: inspect.Type) -> str:
    if isinstance(type_, inspect.ListType | inspect.VarTupleType) and value is not None:
        return "write it as a list item, after a dash"
    if isinstance(type_, inspect.StrType):
        if value is None:
            return 'write "" if it is to be empty'
        if isinstance(value, bool | int | float):
            return "put it in quotes"
    if isinstance(value, str) and isinstance(
        type_, inspect.IntType | inspect.FloatType | inspect.BoolType
    ):
        return "write it without quotes"
    if isinstance(value, list | tuple) and isinstance(type_, inspect.StructType):
        return "write its fields directly, without a dash"
    return ""


def _length_error(length: int, low: int | None, high: int | None, noun: str) -> str:
    if low is not None and length < low:
        return f"must have at least {low} {noun}{'' if low == 1 else 's'}"
    if high is not None and length > high:
        return f"must have at most {high} {noun}s, has {length}"
    return ""


def _range_error(value: float, type_: inspect.IntType | inspect.FloatType) -> str:
    if type_.ge is not None and value < type_.ge:
        return f"must be at least {type_.ge}"
    if type_.le is not None and value > type_.le:
        return f"must be at most {type_.le}"
    return ""


def _field_hint(name: str, type_: inspect.StructType) -> str:
    known = [field.encode_name for field in type_.fields]
    by_lower = {field.lower(): field for field in known}
    if exact := by_lower.get(name.lower()):
        return f'did you mean "{exact}"?'
    for field in type_.fields:
        inner = _struct(field.type)
        if inner is not None and any(deeper.encode_name == name for deeper in inner.fields):
            return f'did you mean "{format_path((field.encode_name, name))}"?'
    return _did_you_mean(name, known) or _list_names(known)


def _struct(type_: inspect.Type) -> inspect.StructType | None:
    if isinstance(type_, inspect.UnionType):
        return next((struct for member in type_.types if (struct := _struct(member))), None)
    return type_ if isinstance(type_, inspect.StructType) else None


def _list_names(names: list[str]) -> str:
    more = ", ..." if len(names) > _MOST_NAMES_SHOWN else ""
    return f"the fields here are {', '.join(names[:_MOST_NAMES_SHOWN])}{more}" if names else ""


def _did_you_mean(word: str, known: list[str]) -> str:
    folded = {name.lower(): name for name in known}
    close = get_close_matches(word[:_LONGEST_SHOWN].lower(), folded, n=1)
    return f'did you mean "{folded[close[0]]}"?' if close else ""


def _shown(word: str) -> str:
    if len(word) > _LONGEST_SHOWN:
        return f"a text of {len(word)} characters"
    return f'"{one_line(word)}"'
