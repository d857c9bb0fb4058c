"""Kubernetes' schemas, from the data of the package kubernetes-validate. The one part that reads.

The package itself is not imported: it would bring a JSON schema library that is slow to start and
to run, while its files are all that is wanted.
"""

import re
from importlib.util import find_spec
from pathlib import Path

import msgspec

from armada_render.errors import InputError, Problem
from armada_render.validate.schema import Schema

_FOLDER = re.compile(r"v1\.(\d+)\.\d+-local-strict", re.ASCII)


def is_installed() -> bool:
    """Tell whether both the data and the program that checks by it are there."""
    return all(find_spec(name) is not None for name in ("kubernetes_validate", "jsonschema_rs"))


class SchemaData:
    """The schemas of each minor version of Kubernetes, read when somebody asks for them."""

    def __init__(self) -> None:
        spec = find_spec("kubernetes_validate")
        places = list(spec.submodule_search_locations or ()) if spec else []
        self._folders = {
            int(match[1]): folder
            for place in places
            for folder in Path(place, "kubernetes-json-schema").iterdir()
            if (match := _FOLDER.fullmatch(folder.name))
        }
        if not self._folders:
            raise InputError(
                Problem(
                    message="the package kubernetes-validate holds no schemas",
                    hint="install it anew: pip install --force-reinstall kubernetes-validate",
                )
            )

    @property
    def versions(self) -> tuple[int, ...]:
        """The minor versions there are, sorted."""
        return tuple(sorted(self._folders))

    def nearest(self, minor: int | None) -> int:
        """Return the version to check by: the newest that is not newer, else the oldest."""
        if minor is None:
            return self.versions[-1]
        return max((one for one in self.versions if one <= minor), default=self.versions[0])

    def definitions(self, minor: int) -> dict[str, Schema]:
        """Return all definitions of a version by name."""
        text = (self._folders[minor] / "_definitions.json").read_bytes()
        found: dict[str, Schema] = msgspec.json.decode(text)["$defs"]
        return found
