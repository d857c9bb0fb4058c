"""Plain scalars, and whether kubectl and kustomize read them differently, as value and as key."""

DIFFERENT_VALUES = (
    *("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"),
    *("n", "N", "no", "No", "NO", "off", "Off", "OFF"),
    "2024-01-02",
)
SAME_VALUES = (
    *("true", "True", "TRUE", "false", "False", "FALSE", "null", "~", "yess", "nope", "o", "Yno"),
    *("0644", "010", "0o644", "08", "0x1F", "0b11", "1_000", "1:30", "1e3", "1.0", "5.", "-0.0"),
    *("2024-01-02T03:04:05Z", "2024-13-01", "12345678901234567890", "1e400", "+1", "text"),
)
DIFFERENT_KEYS = (
    *("yes", "on", "y", "no", "n", "off", "8080", "010", "1.0", "1e3", "true", "False", "0x1F"),
    "2024-01-02",
)
SAME_KEYS = ("a", "yess", '"yes"', "'8080'", "a.b/c", "2024-13-01")
