"""Render again after an edit: only what the edit can reach, if it provably can reach no more.

After a full rendering without any problem or warning, `remember` keeps what each input file holds,
which objects go where, and how the files of the tree look to the file system. When the tree is
rendered again, `again` compares the input files with that. If all that changed is what objects
say, and not which objects there are, what selects them, or where they go, then the apps of the
changed files are rendered through the ordinary pipeline, and their files and their lines of the
index are replaced. In every other case nothing is done, and the caller renders everything.

docs/decisions/0022-render-again.md says why this gives the same tree.
"""

from armada_render.rerender.again import again
from armada_render.rerender.memory import remember
from armada_render.rerender.run import Run, begin

__all__ = ["Run", "again", "begin", "remember"]
