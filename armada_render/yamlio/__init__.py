"""The only place that knows YAML: reading and writing it to the letter as kubectl and Karmada do.

Both use sigs.k8s.io/yaml, which is go-yaml v2 with a step through JSON; what that makes of a text
or of a value is part of what Karmada computes. Nothing here does I/O.
"""

from armada_render.yamlio import gojson
from armada_render.yamlio.errors import YamlError
from armada_render.yamlio.locate import locate
from armada_render.yamlio.read import Document, load_documents, loads
from armada_render.yamlio.write import dumps

__all__ = ["Document", "YamlError", "dumps", "gojson", "load_documents", "loads", "locate"]
