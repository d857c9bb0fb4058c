"""One revision of a Git path, read from Git's objects: the work tree is neither read nor touched.

The only importer of GitPython. Revisions come from command lines and files of the repository: each
is resolved to a commit before it is used, and can never be taken for an option of git.
"""

import contextlib
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from git import Repo
from git.exc import GitCommandError, GitError, ODBError
from msgspec import Struct

from armada_render.errors import Problem, SourceError, one_line
from armada_render.load.source import (
    MAX_FILE_BYTES,
    SourceFile,
    compile_globs,
    is_text,
    is_wanted,
    leads_out,
    too_large,
    unnameable,
)
from armada_render.model.config import CONFIG_NAME

MERGE_BASE = "merge-base:"
"""What begins a revision that stands for where HEAD and another revision parted."""

LINK, SUBMODULE = "120000", "160000"
_MOST_LINKS = 8
# Reading objects starts none of these; a repository's settings must not change that.
_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.ext.allow=never")


class TreeEntry(Struct, frozen=True):
    """What stands at a path of a tree; `size` is 0 where it is not known."""

    mode: str
    object_id: str
    size: int


class GitSource:
    """The files of one folder in one commit; absent there, it holds no files (`exists`).

    `commit` is the full object id, `revision` what was asked for, `submodules` the paths of
    submodules below the folder, which are never read. With `only`, nothing but that file of the
    folder is there, as in a `DirectorySource` of a file.
    """

    def __init__(
        self, repository: "Repository", revision: str, folder: str = "", only: str = ""
    ) -> None:
        self.revision = revision
        self.commit = repository.commit(revision)
        self._repository = repository
        self._folder = folder
        self._only = only
        self._entries = repository.entries(self.commit, folder)

    def close(self) -> None:
        """End the processes of git that answer for objects."""
        self._repository.close()

    def at(self, revision: str) -> "GitSource":
        """Return another revision of the same; `merge-base:` is where it and this one parted."""
        if revision.startswith(MERGE_BASE):
            revision = self._repository.parted(self.revision, revision.removeprefix(MERGE_BASE))
        return GitSource(self._repository, revision, self._folder, self._only)

    def is_beside(self, other: "GitSource") -> bool:
        """Tell whether two sources are of one repository."""
        return self._repository.place == other._repository.place  # noqa: SLF001 - our own

    @property
    def exists(self) -> bool:
        """Whether the commit holds anything at this folder, or the one file."""
        return self._only in self._entries if self._only else bool(self._entries)

    @property
    def submodules(self) -> tuple[str, ...]:
        return tuple(
            path for path, entry in sorted(self._entries.items()) if entry.mode == SUBMODULE
        )

    def config(self) -> SourceFile | None:
        if self._only or CONFIG_NAME not in self._entries:
            return None
        problems: list[Problem] = []
        file = self.file(CONFIG_NAME, problems)
        if problems:
            raise SourceError(problems)
        return file

    def files(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[SourceFile]:
        for path in self.paths(ignore, problems):
            file = self.file(path, problems)
            if file is not None:
                yield file

    def paths(self, ignore: Sequence[str], problems: list[Problem]) -> Iterator[str]:
        """Yield the paths of the files to load, in order."""
        if self._only:
            yield from (self._only,) if self.exists else ()
            return
        is_ignored = compile_globs(ignore)
        for path in sorted(self._entries):
            if path == CONFIG_NAME or not is_wanted(path) or is_ignored(path):
                continue
            if is_text(path):
                yield path
            else:
                problems.append(unnameable(path))

    def object_id(self, path: str) -> str:
        """Return the id of the blob that `path` names, links followed; "" when there is none."""
        entry = self._resolved(path)
        return entry.object_id if entry else ""

    def read(self, path: str) -> bytes:
        entry = self._resolved(path)
        if entry is None:
            raise SourceError(f"{one_line(path)}: not in {self.revision}")
        return self._repository.blob(entry.object_id)

    def file(self, path: str, problems: list[Problem]) -> SourceFile | None:
        """Return one of `paths`; None when it cannot be read, which goes to `problems`."""
        entry = self._resolved(path, problems)
        if entry is None:
            return None
        if entry.size > MAX_FILE_BYTES:
            problems.append(too_large(path, entry.size))
            return None
        return SourceFile(path, self._repository.blob(entry.object_id))

    def _resolved(self, path: str, problems: list[Problem] | None = None) -> TreeEntry | None:
        """Return the regular file behind `path`; None for what a directory would not read either.

        A link may lead to a file below the folder. One that leads elsewhere is a problem.
        """
        for _ in range(_MOST_LINKS):
            entry = self._entries.get(path)
            if entry is None or entry.mode != LINK:
                return entry if entry is not None and entry.mode != SUBMODULE else None
            target = self._repository.link_target(path, entry)
            if target is None:
                if problems is not None:
                    problems.append(leads_out(path))
                return None
            path = target
        return None


class Repository:
    """A Git repository that something on the disk belongs to."""

    def __init__(self, path: str) -> None:
        """Find the repository of `path`; `SourceError` when there is none that git may read."""
        try:
            self._repo = Repo(path, search_parent_directories=True)
        except (GitError, OSError) as error:
            raise SourceError(
                Problem(
                    message=f"{path} is not in a Git repository",
                    hint="give a path of a clone",
                    code=SourceError.exit_code,
                )
            ) from error
        # A hook's environment names its own repository and index; ours is that of the path.
        self._repo.git.update_environment(
            GIT_DIR=str(self._repo.git_dir),
            GIT_LITERAL_PATHSPECS="1",
            GIT_OPTIONAL_LOCKS="0",
            GIT_NO_LAZY_FETCH="1",
            GIT_TERMINAL_PROMPT="0",
            GIT_CONFIG_COUNT=str(len(_SETTINGS)),
            **_as_environment(_SETTINGS),
        )

    @property
    def author(self) -> str:
        """Who commits here, `Name <address>`; "" when Git does not know."""
        try:
            ident = str(self._repo.git.var("GIT_AUTHOR_IDENT"))
        except GitCommandError:
            return ""
        # What follows the address is the time.
        return one_line(ident[: ident.find(">") + 1])

    @property
    def root(self) -> str:
        """The top of the work tree, "" in a bare repository."""
        return str(self._repo.working_tree_dir or "")

    def folder(self, path: str) -> str:
        """Return where `path` stands in the tree, "" for the root."""
        relative = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))
        return "" if relative == os.curdir else relative.replace(os.sep, "/")

    def commit(self, revision: str) -> str:
        """Return the full id of the commit that `revision` names; see `MERGE_BASE`."""
        if revision.startswith(MERGE_BASE):
            return self.parted("HEAD", revision.removeprefix(MERGE_BASE))
        try:
            return str(
                self._repo.git.rev_parse(
                    "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
                )
            )
        except (GitCommandError, ValueError) as error:
            raise SourceError(
                Problem(
                    message=f"there is no revision {one_line(revision)} in this repository",
                    hint="name a branch, tag or commit; a shallow clone has few: git fetch "
                    "origin REF, or --unshallow for all",
                    code=SourceError.exit_code,
                )
            ) from error

    @property
    def place(self) -> str:
        """What tells repositories apart."""
        return os.path.realpath(self._repo.git_dir)

    def parted(self, ours: str, theirs: str) -> str:
        """Return the commit where two revisions parted."""
        return self.common(self.commit(ours), self.commit(theirs), theirs)

    def common(self, ours: str, theirs: str, revision: str) -> str:
        """Return the best common ancestor of two commits; `revision` is what people call theirs."""
        try:
            return str(self._repo.git.merge_base(ours, theirs))
        except GitCommandError as error:
            raise SourceError(
                Problem(
                    message=f"HEAD and {one_line(revision)} have no common commit here",
                    hint="a shallow clone lacks it: git fetch --unshallow (in GitHub Actions, "
                    "fetch-depth: 0)",
                    code=SourceError.exit_code,
                )
            ) from error

    def entries(self, commit: str, folder: str) -> Mapping[str, TreeEntry]:
        """Return what stands below `folder` in `commit`, by path relative to it."""
        return self.listed(commit, folder, "-l")

    def listed(self, commit: str, folder: str, *options: str) -> Mapping[str, TreeEntry]:
        """Return what `git ls-tree` lists; sizes are known with the option `-l`."""
        # A pathspec could be magic; the object of the folder itself cannot.
        tree = f"{commit}:{folder}" if folder else commit
        try:
            tree = self._repo.git.rev_parse("--verify", "--quiet", "--end-of-options", tree)
        except GitCommandError:
            return {}
        try:
            listing: bytes = self._repo.git.ls_tree(
                "-r", "-z", *options, "--full-tree", f"{tree}^{{tree}}", stdout_as_string=False
            )
        except GitCommandError as error:
            raise _broken(tree) from error
        found = {}
        for line in listing.split(b"\0"):
            facts, tab, name = line.partition(b"\t")
            if tab:
                mode, _, object_id, *size = facts.decode().split()
                found[os.fsdecode(name)] = TreeEntry(
                    mode, object_id, int(size[0]) if size and size[0].isdecimal() else 0
                )
        return found

    def listing(self, *command: str) -> list[str]:
        """Return what a command of git with the option `-z` lists."""
        try:
            found: bytes = self._repo.git.execute(["git", *command], stdout_as_string=False)
        except GitCommandError as error:
            raise SourceError(f"git {command[0]} failed: {one_line(str(error.stderr))}") from error
        return [os.fsdecode(line) for line in found.split(b"\0") if line]

    def link_target(self, path: str, link: TreeEntry) -> str | None:
        """Return the path that a link at `path` leads to; None when it leads out of the folder."""
        target = os.fsdecode(self.blob(link.object_id))
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        return None if target.startswith("/") or joined.split("/")[0] == ".." else joined

    def blob(self, object_id: str) -> bytes:
        """Return the content of one blob."""
        try:
            return bytes(self._repo.git.get_object_data(object_id)[3])
        except (GitError, ODBError, ValueError, OSError) as error:
            raise _broken(object_id) from error

    def close(self) -> None:
        """End the processes of git that answer for objects."""
        self._repo.close()


def git_source(path: str, revision: str) -> GitSource:
    """Return what `revision` holds at `path`: a directory (or where one was), or a file."""
    if os.path.isfile(path):  # noqa: PTH113
        folder, only = os.path.split(path)
        repository = Repository(folder or os.curdir)
        return GitSource(repository, revision, repository.folder(folder or os.curdir), only)
    existing = path
    while not os.path.isdir(existing):  # noqa: PTH112
        existing = os.path.dirname(existing) or os.curdir  # noqa: PTH120
    repository = Repository(existing)
    whole = repository.folder(path)
    if existing != path:
        # Gone from the disk: the revision knows what it was.
        folder, only = posixpath.split(whole)
        source = GitSource(repository, revision, folder, only)
        if source.exists:
            return source
    return GitSource(repository, revision, whole)


def root_of(path: str) -> str:
    """Return the top of the work tree that `path` belongs to, "" outside of Git."""
    with contextlib.suppress(SourceError), contextlib.closing(_repository_of(path)) as repository:
        return repository.root
    return ""


def author(path: str) -> str:
    """Return who commits to the repository of `path`, "" when that is not known."""
    with contextlib.suppress(SourceError), contextlib.closing(_repository_of(path)) as repository:
        return repository.author
    return ""


def _repository_of(path: str) -> Repository:
    return Repository(path if os.path.isdir(path) else os.path.dirname(path) or os.curdir)  # noqa: PTH112, PTH120


def _broken(object_id: str) -> SourceError:
    return SourceError(
        Problem(
            message=f"the Git object {object_id} cannot be read",
            hint="run git fsck; a partial clone must have its blobs: git fetch --refetch",
            code=SourceError.exit_code,
        )
    )


def _as_environment(settings: Sequence[str]) -> dict[str, str]:
    found = {}
    for number, setting in enumerate(settings):
        found[f"GIT_CONFIG_KEY_{number}"], _, found[f"GIT_CONFIG_VALUE_{number}"] = (
            setting.partition("=")
        )
    return found
