"""The one error of this package."""


class YamlError(ValueError):
    """A text that cannot be read as YAML: what is wrong, and where (from 1; 0: unknown).

    Messages name keys and anchors but never quote a value, which could be a secret.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return f"line {self.line}, column {self.column}: {self.message}"
