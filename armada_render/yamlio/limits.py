"""What one YAML text may ask of us: inputs are hostile."""

MAX_DEPTH = 256
"""Collections inside one another, aliases expanded; Kubernetes' deepest schemas stay below 60."""

MAX_ALIAS_NODES = 400_000
"""Values and keys that aliases add to one document, where each alias counts in full.

go-yaml draws its line at about the same number (decode.go, allowedAliasRatio).
"""

MAX_REPAIRS = 100
"""How often one text may use notation that only go-yaml accepts; each use costs a parse."""

MEMO_ENTRIES = 50_000
"""Entries that a memo of scalars, keys or key orders holds before it starts anew."""

MEMO_LENGTH = 128
"""The longest text, in characters, that a memo keeps."""
