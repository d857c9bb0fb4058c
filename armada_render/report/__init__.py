"""One self-contained page about a rendering: where everything runs, why, and with what room.

`contents` says what the page holds, as plain data, `page` writes the HTML around it. All of it is
pure; nothing on the page asks the network for anything.
"""

from armada_render.report.contents import Contents, contents
from armada_render.report.page import page

__all__ = ["Contents", "contents", "page"]
