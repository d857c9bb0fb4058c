"""What differs between two renderings, first in words, then field by field. Pure.

`compare` takes two `Rendering`s and knows neither Git nor files. `document` makes a `Difference`
fit to be shown: redacted, in words, the public form that `diff -o json` prints. The writers
(`text`, `markdown`, `html`, `report`) see documents only, so that none can leak a secret.
"""

from armada_render.diff.compare import compare
from armada_render.diff.document import document, side_row
from armada_render.diff.markdown import markdown_parts
from armada_render.diff.model import Cause, Change, Difference, Side
from armada_render.diff.reports import junit_report, sarif_report
from armada_render.diff.rows import Document, SideRow
from armada_render.diff.text import text_lines

__all__ = [
    "Cause",
    "Change",
    "Difference",
    "Document",
    "Side",
    "SideRow",
    "compare",
    "document",
    "junit_report",
    "markdown_parts",
    "sarif_report",
    "side_row",
    "text_lines",
]
