"""Remote Git repositories: what a revision holds at a folder, and no more than that.

A fetch brings one commit with its trees; then the files that will be read come in one batch, if
the host can do that. It all lies in a private folder that goes with the process.
"""

import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from git import Repo

from armada_render.errors import Problem, SourceError, one_line
from armada_render.load.address import Address, Credentials, check_revision, parse, redacted
from armada_render.load.git import (
    LINK,
    MERGE_BASE,
    SUBMODULE,
    GitSource,
    Repository,
    TreeEntry,
)
from armada_render.load.source import is_wanted
from armada_render.load.transport import Limits, NoSuchRevision, Transport
from armada_render.model.config import CONFIG_NAME

_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,39}")
# Commits and trees come first, then the files that will be read.
_QUIETLY = (
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--filter=blob:none",
)

# What git itself takes for "all of it", also where an earlier fetch was shallow.
_ALL_HISTORY = "--depth=2147483647"


class RemoteRepository(Repository):
    """A repository on another host. What is asked of it is fetched then."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None = None,
        limits: Limits | None = None,
    ) -> None:
        folder = tempfile.mkdtemp(prefix="armada-render-git-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # No template of the user's: only its option to have none is "unsafe" to GitPython.
        Repo.init(folder, bare=True, template="", allow_unsafe_options=True).close()
        super().__init__(folder)
        self.address = address
        self._transport = Transport(folder, address, credentials, limits or Limits())
        self._repo.git.update_environment(**self._transport.environment, GIT_NO_LAZY_FETCH="1")
        self._repo.git.config("remote.origin.url", address.url)
        self._commits: dict[str, str] = {}
        self._fetches = 0

    def source(self, revision: str = "", folder: str | None = None) -> GitSource:
        """Return what a revision holds at a folder; both are those of the address by default."""
        return GitSource(
            self,
            revision or self.address.revision or "HEAD",
            self.address.folder if folder is None else folder,
        )

    def commit(self, revision: str) -> str:
        """Return the full id of the commit that `revision` names, fetched if need be."""
        if revision not in self._commits:
            if revision.startswith(MERGE_BASE):
                ours = self.address.revision or "HEAD"
                return self.parted(ours, revision.removeprefix(MERGE_BASE))
            self._commits[revision] = self._fetched(check_revision(revision), "--depth=1")
        return self._commits[revision]

    def _fetched(self, revision: str, *depth: str) -> str:
        self._fetches += 1
        name = f"refs/armada-render/{self._fetches}"
        try:
            self._transport.run("fetch", *_QUIETLY, *depth, "origin", f"+{revision}:{name}")
        except NoSuchRevision:
            raise self._absent(revision) from None
        return super().commit(name)

    @property
    def place(self) -> str:
        """What tells repositories apart."""
        return self.address.url

    def parted(self, ours: str, theirs: str) -> str:
        """Return the commit where two revisions parted, after a fetch of their history."""
        both = [self._fetched(check_revision(item), _ALL_HISTORY) for item in (ours, theirs)]
        return self.common(both[0], both[1], theirs)

    def entries(self, commit: str, folder: str) -> Mapping[str, TreeEntry]:
        """Return what stands below `folder` in `commit`, after a fetch of what will be read."""
        found = self.listed(commit, folder)
        links = {path: entry for path, entry in found.items() if entry.mode == LINK}
        wanted = {
            entry.object_id
            for path, entry in found.items()
            if is_wanted(path) or path == CONFIG_NAME or path in links
        } & {entry.object_id for entry in found.values() if entry.mode != SUBMODULE}
        self._fetch_blobs(commit, wanted)
        # Links may lead to files of any name.
        for path, link in links.items():
            target = found.get(self.link_target(path, link) or "")
            if target is not None and target.mode != SUBMODULE:
                wanted.add(target.object_id)
        self._fetch_blobs(commit, wanted)
        sizes = self._sizes(wanted)
        return {
            path: TreeEntry(entry.mode, entry.object_id, sizes.get(entry.object_id, 0))
            for path, entry in found.items()
        }

    def _fetch_blobs(self, commit: str, wanted: AbstractSet[str]) -> None:
        """Fetch files that the host has left out, all at once."""
        missing = sorted(wanted & self._missing(commit))
        if not missing:
            return
        try:
            self._transport.run("fetch", *_QUIETLY, "--stdin", "origin", stdin=missing)
        except NoSuchRevision:
            raise self._absent(commit) from None

    def _missing(self, commit: str) -> set[str]:
        """Return the ids of what belongs to a commit and is not here."""
        listing = self._repo.git.rev_list(
            "--objects", "--no-walk", "--no-object-names", "--missing=print", commit
        )
        return {line[1:] for line in listing.splitlines() if line.startswith("?")}

    def _sizes(self, object_ids: AbstractSet[str]) -> dict[str, int]:
        with tempfile.TemporaryFile() as lines:
            lines.write("".join(f"{item}\n" for item in object_ids).encode())
            lines.seek(0)
            listing = self._repo.git.cat_file(
                "--batch-check=%(objectname) %(objectsize)", istream=lines
            )
        pairs = (line.split() for line in listing.splitlines())
        return {name: int(size) for name, size in pairs if size.isdecimal()}

    def _absent(self, revision: str) -> SourceError:
        hint = "give a branch, a tag or a full commit id"
        if _SHORT_COMMIT.fullmatch(revision):
            hint = "a commit of a remote repository is named by its full id"
        return SourceError(
            Problem(
                message=f"there is no revision {one_line(revision)} in "
                f"{redacted(self.address.url)}",
                hint=hint,
                code=SourceError.exit_code,
            )
        )


def remote_source(
    path: str, revision: str = "", credentials: Credentials | None = None
) -> GitSource:
    """Return what the remote folder `path` names holds; see `address.parse`."""
    address = parse(path)
    if revision and address.revision and revision != address.revision:
        raise SourceError(
            Problem(
                message=f"{address} and {one_line(revision)} are two revisions",
                hint="leave one away",
                code=SourceError.exit_code,
            )
        )
    return RemoteRepository(address, credentials).source(revision)
