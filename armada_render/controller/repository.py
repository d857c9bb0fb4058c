"""The Git repository: the newest head in, one commit out, by compare-and-swap.

The clone is private, bare and holds no history. A commit is made with `fast-import` on exactly the
head that was read; the push is refused when the branch is elsewhere by then, and nothing is ever
forced. Beside the branch every push moves the fence, a ref that a replica takes over when it begins
to lead: a leader that was paused, even in the middle of its push, finds it moved, and since both
refs move together or not at all, writes nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from armada_render.controller.gitcommand import Credentials, Git, GitConflictError, GitError
from armada_render.load.git import GitSource, Repository

FENCE = "refs/armada/fence"
_HEAD = "refs/armada/head"
_PENDING = "refs/armada/pending"
_LINK = "120000"
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
# What servers say when somebody was faster, in `git push --porcelain` and from receive-pack.
_LOST_RACES = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "cannot lock ref",
    "failed to update ref",
    "reference already exists",
    "incorrect old value provided",
    "atomic push failed",
    "atomic transaction failed",
)


class Author(Struct, frozen=True):
    """Who the commits are by."""

    name: str = "armada-render controller"
    email: str = "armada-render@localhost"


class Remote(Struct, frozen=True, kw_only=True):
    """Where to read and write. `fence` is "" for a server that takes only branches."""

    url: str
    branch: str
    credentials: Credentials = Credentials()
    author: Author = Author()
    fence: str = FENCE
    timeout: float = 60.0


class Clone:
    """A private clone of one branch of a remote, in a folder that nobody else uses."""

    def __init__(
        self,
        folder: Path,
        remote: Remote,
        environment: Mapping[str, str],
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._remote = remote
        self._path = folder / "repository.git"
        self._git = Git(folder, remote.credentials, environment, remote.timeout, is_stopping)
        self._fence = ""
        if not (self._path / "HEAD").exists():
            self._git.run("init", "--quiet", "--bare", str(self._path))

    def fetch(self) -> str:
        """Return the id of the branch's newest commit, and have all of its files."""
        refspec = f"+refs/heads/{self._remote.branch}:{_HEAD}"
        self._git.run(
            "fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head",
            "--end-of-options", self._remote.url, refspec,
        )  # fmt: skip
        return self._git.run("rev-parse", "--verify", f"{_HEAD}^{{commit}}").strip()

    def head(self, branch: str) -> str:
        """Return the commit of a branch without fetching it, "" when there is no such branch."""
        return self._remote_ref(f"refs/heads/{branch}")

    def source(self, commit: str, folder: str) -> GitSource:
        """Return the files of a folder in a commit that was fetched or made here."""
        return GitSource(Repository(str(self._path)), commit, folder)

    def claim(self, generation: int, identity: str) -> None:
        """Take the fence over: no push that another replica has begun goes through afterwards."""
        if not self._remote.fence:
            return
        self._fence = expected = self._remote_ref(self._remote.fence)
        fence = self._fence_commit(f"generation {generation}, held by {identity}")
        self._push({self._remote.fence: (expected, fence)})
        self._fence = fence

    def commit(self, base: str, files: Mapping[str, bytes | None], message: str, when: int) -> str:
        """Return a commit on `base` with `files` written, or removed where None.

        Returns `base` itself when it already holds all that. `when` is in seconds since 1970.
        """
        self._refuse_links(base, files)
        self._git.run("fast-import", "--quiet", "--force", given=self._stream(
            base, files, message, when))  # fmt: skip
        commit, tree, before = self._git.run(
            "rev-parse", _PENDING, f"{_PENDING}^{{tree}}", f"{base}^{{tree}}"
        ).split()
        return base if tree == before else commit

    def difference(self, base: str, commit: str, *paths: str) -> str:
        """Return what a commit changes in the files `paths`, as a patch."""
        return self._git.run(
            "--literal-pathspecs", "diff-tree", "-p", "--no-color", "--no-ext-diff", base, commit,
            "--", *paths,
        )  # fmt: skip

    def push(self, commit: str, expected: str, branch: str = "") -> None:
        """Move the branch from `expected` ("" when it must not exist) to `commit`.

        Raises `GitConflictError` when somebody else has moved it, or holds the fence.
        """
        moves = {f"refs/heads/{branch or self._remote.branch}": (expected, commit)}
        fence = ""
        if self._remote.fence:
            fence = self._fence_commit(f"moved to {commit}")
            moves[self._remote.fence] = (self._fence, fence)
        self._push(moves)
        self._fence = fence

    def _push(self, moves: Mapping[str, tuple[str, str]]) -> None:
        leases = [f"--force-with-lease={ref}:{expected}" for ref, (expected, _) in moves.items()]
        refspecs = [f"{commit}:{ref}" for ref, (_, commit) in moves.items()]
        atomic = ["--atomic"] if len(moves) > 1 else []
        code, out, said = self._git.attempt(
            "push", "--porcelain", *atomic, *leases, "--end-of-options", self._remote.url, *refspecs
        )
        if code == 0:
            return
        refused = [line for line in out.decode(errors="replace").splitlines() if line[:1] == "!"]
        text = self._git.redacted("\n".join([*refused, said]))
        if any(words in line for line in refused for words in _LOST_RACES):
            raise GitConflictError(f"git push: {text}")
        raise GitError(f"git push: {text or f'exit code {code}'}")

    def _remote_ref(self, ref: str) -> str:
        out = self._git.run("ls-remote", "--quiet", "--end-of-options", self._remote.url, ref)
        for line in out.splitlines():
            found, _, name = line.partition("\t")
            if name == ref:
                return found
        return ""

    def _fence_commit(self, text: str) -> str:
        """Return a commit without files; each is another one, or moving to it would be no move."""
        who = f"{self._remote.author.name} <{self._remote.author.email}> 0 +0000"
        before = f"after {self._fence}\n" if self._fence else ""
        body = f"tree {_EMPTY_TREE}\nauthor {who}\ncommitter {who}\n\n{text}\n{before}"
        self._git.run("hash-object", "-t", "tree", "-w", "--stdin")
        return self._git.run(
            "hash-object", "-t", "commit", "-w", "--stdin", given=body.encode()
        ).strip()

    def _refuse_links(self, base: str, files: Mapping[str, bytes | None]) -> None:
        # A file would be put in the place of the link, and what it leads to stay as it is.
        out = self._git.run("ls-tree", "-r", "-z", "--full-tree", base)
        for line in out.split("\0"):
            facts, _, path = line.partition("\t")
            if facts.startswith(_LINK) and path in files:
                raise GitError(f"{path} is a symbolic link, and is not written through")

    def _stream(
        self, base: str, files: Mapping[str, bytes | None], message: str, when: int
    ) -> bytes:
        author = self._remote.author
        text = message.encode()
        parts = [
            f"commit {_PENDING}\ncommitter {author.name} <{author.email}> {when} +0000\n".encode(),
            b"data %d\n%b\nfrom %b\n" % (len(text), text, base.encode()),
        ]
        for path, data in sorted(files.items()):
            name = _quoted(path)
            if data is None:
                parts.append(b"D %b\n" % name)
            else:
                parts.append(b"M 100644 inline %b\ndata %d\n%b\n" % (name, len(data), data))
        parts.append(b"\ndone\n")
        return b"".join(parts)


def _quoted(path: str) -> bytes:
    """Return a path as fast-import reads it, whatever is in it."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode(errors="surrogateescape")
