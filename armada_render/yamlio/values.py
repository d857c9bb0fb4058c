"""What YAML and JSON can say, as Python values."""

from typing import Any

Value = Any
"""A str, int, float, bool, None, or a list or dict of them; keys are strings."""
