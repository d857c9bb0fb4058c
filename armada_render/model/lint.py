"""The settings of `lint` in `armada.yaml`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from armada_render.model.result import Level


class RuleLevel(StrEnum):
    """What `lint.rules` may say of a rule. Not `off`, which YAML reads as a boolean."""

    IGNORE = "ignore"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def level(self) -> Level | None:
        """The level of results, None when there shall be none."""
        return None if self is RuleLevel.IGNORE else Level(self.value)


class Exemption(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Files (globs as in `.gitignore`) that some rules, or without `rules` all, pass over."""

    paths: Annotated[tuple[str, ...], Meta(min_length=1)]
    rules: tuple[str, ...] = ()


class LintSettings(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """`rules` sets levels by rule id; `docs` is where the pages of docs/ are published."""

    rules: dict[str, RuleLevel] = {}
    exempt: tuple[Exemption, ...] = ()
    docs: Annotated[str, Meta(pattern=r"^(https?://\S+)?$")] = ""
