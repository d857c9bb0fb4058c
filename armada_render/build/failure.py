"""Why one resource cannot be built for a cluster, and words for saying so."""


class BuildError(Exception):
    """A resource cannot be built: what is wrong, in which part of a rule, and what to do.

    `at` is a path within an override rule, such as `overriders.plaintext[0]`. `is_crash` marks
    where upstream crashes, which ends its work on the resource for all clusters that follow.
    Messages name fields and types, never values: a field may be a secret.
    """

    def __init__(
        self, message: str, *, at: str = "", hint: str = "", is_crash: bool = False
    ) -> None:
        self.message = message
        self.at = at
        self.hint = hint
        self.is_crash = is_crash
        super().__init__(message)

    def within(self, place: str) -> "BuildError":
        """Return the error as seen from outside `place`, a part such as `yaml` or `[1]`."""
        dot = "." if self.at and not self.at.startswith("[") else ""
        return BuildError(
            self.message, at=f"{place}{dot}{self.at}", hint=self.hint, is_crash=self.is_crash
        )

    def about(self, field: str) -> "BuildError":
        """Return the error with the field that it is about, and no place of its own."""
        return BuildError(f"{field}: {self.message}", hint=self.hint, is_crash=self.is_crash)


def type_name(value: object) -> str:
    """Return what JSON calls the type of `value`, with an article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
