"""Write a tree to disk, or compare one with what would be written. The only writer of files.

All data is on disk before anything visible changes; then folders or files are swapped by renaming.
Files with the same bytes are not touched, files that armada-render did not write are never
removed.
"""

from armada_render.output.compare import TreeDifference, acknowledged, compare, written_files
from armada_render.output.file import write_file
from armada_render.output.marks import evidence, renewed, unsure
from armada_render.output.parts import (
    Part,
    ShardRecord,
    changed_files,
    complete,
    read_part,
    shard_of_tree,
)
from armada_render.output.write import TreeChange, patch, write

__all__ = [
    "Part",
    "ShardRecord",
    "TreeChange",
    "TreeDifference",
    "acknowledged",
    "changed_files",
    "compare",
    "complete",
    "evidence",
    "patch",
    "read_part",
    "renewed",
    "shard_of_tree",
    "unsure",
    "write",
    "write_file",
    "written_files",
]
