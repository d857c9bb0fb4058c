"""The lock: where everything was placed, kept in Git for the next placement to start from.

`states` says what to keep of a rendering, `text` how it is written, `settle` renders until the
result repeats itself, `changes` compares, and `review` (`outdated`, `note`, `missing`) words
what `render` says about it. All of that
is pure; `lock.folder` reads and writes the files.
"""

from armada_render.lock.change import Change, changes, title
from armada_render.lock.review import missing, note, outdated
from armada_render.lock.settle import Settled, settle
from armada_render.lock.state import States, states, text

__all__ = [
    "Change",
    "Settled",
    "States",
    "changes",
    "missing",
    "note",
    "outdated",
    "settle",
    "states",
    "text",
    "title",
]
