"""Read what concerns the whole fleet, and only look at the bytes of all else.

That is the inventory, customizations and acknowledgements: all of them name an API group or a kind.
"""

from armada_render.load.near import may_hide
from armada_render.yamlio import Document, load_documents

_NAMES = (b"cluster.karmada.io", b"config.karmada.io", b"acknowledgement")


def wide_documents(data: bytes) -> list[Document]:
    """Return the documents of a file that may concern the whole fleet, none of all other files."""
    lowered = data.lower()
    if may_hide(data) or any(name in lowered for name in _NAMES):
        return load_documents(data)
    return []
