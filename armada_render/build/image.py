"""imageOverrider: change a part of image references (pkg/util/overridemanager/imageoverride.go)."""

import re
from functools import lru_cache
from typing import Any

from armada_render.build import jsonpatch
from armada_render.build.failure import BuildError, type_name
from armada_render.build.podspec import containers_path, typed_containers, with_containers
from armada_render.model.override import ImageComponent, ImageOverrider, Operator
from armada_render.model.pattern import DIGITS, LETTERS, LOWER, pattern, word
from armada_render.model.resource import Manifest

# github.com/distribution/reference v0.6.0, regexp.go
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_TAG = r"\w[\w.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = pattern(
    rf"((?:{_DOMAIN}/)?({_COMPONENT}(?:/{_COMPONENT})*))(?::({_TAG}))?(?:@({_DIGEST}))?", re.ASCII
)
_TAG_ONLY = pattern(_TAG, re.ASCII)
_DIGEST_ONLY = pattern(_DIGEST)
# go-digest v1.0.0, algorithm.go and digest.go
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LOWER_HEX = pattern("[a-f0-9]+")

_LONGEST_NAME = 255
_LONGEST_TAG = 128
_is_name = word(LOWER + DIGITS, "-")
_is_tag = word(LETTERS + DIGITS, "-_.")

# No registry accepts more, and the patterns above take quadratic time.
_LONGEST = 4096


def apply(manifest: Manifest, overrider: ImageOverrider) -> Manifest:
    """Return `manifest` with the images changed that `overrider` is about."""
    if overrider.predicate is not None:
        return _apply_to_field(manifest, overrider, overrider.predicate.path)
    path = containers_path(manifest)
    if not path:
        return manifest
    typed = typed_containers(manifest)
    if not typed:
        return manifest
    images = []
    for index, container in enumerate(typed):
        try:
            images.append(_changed((container and container.image) or "", overrider))
        except BuildError as error:
            raise error.about(f"{'.'.join(path)}[{index}].image") from None
    node: Any = manifest
    for key in path:
        node = node[key]
    return with_containers(
        manifest,
        [{**container, "image": image} for container, image in zip(node, images, strict=True)],
    )


def _apply_to_field(manifest: Manifest, overrider: ImageOverrider, path: str) -> Manifest:
    try:
        image = _look_up(manifest, path)
        try:
            image = _changed(image, overrider)
        except BuildError:
            if manifest["kind"] != "Secret":
                raise
            raise BuildError("the text, which is not shown, is no image reference") from None
        # As upstream, the write takes the path as it is: `/spec/image/` fails, and `//spec/image`
        # is void.
        operation = jsonpatch.Operation(Operator.REPLACE, path, image)
        changed: Manifest = jsonpatch.apply(manifest, (operation,))
    except BuildError as error:
        raise error.about(path) from None
    return changed


def _look_up(manifest: Manifest, path: str) -> str:
    """Return the image at `path`; upstream decodes no `~1` here (obtainImageValue)."""
    parts = path.strip("/").split("/")
    node = manifest
    index = 0
    while index < len(parts) - 1:
        part = parts[index]
        child = node.get(part)
        if isinstance(child, list):
            index += 1
            child = _element(child, part, parts[index])
        if not isinstance(child, dict):
            what = f"is {type_name(child)}" if part in node else "does not exist"
            raise BuildError(
                f'"{part}" {what}, so there is no image below it',
                hint="narrow resourceSelectors to the objects that have this field",
            )
        node = child
        index += 1
    image = node.get(parts[-1])
    if not isinstance(image, str):
        what = f"is {type_name(image)}, not a string" if parts[-1] in node else "does not exist"
        raise BuildError(f'"{parts[-1]}" {what}')
    return image


def _element(items: list[object], name: str, part: str) -> object:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", part, re.ASCII):
        raise BuildError(f'"{name}" is a list, and "{part}" is no index of it')
    index = int(part)
    if not 0 <= index < len(items):
        raise BuildError(f'"{name}" has {len(items)} elements, {index} is outside', is_crash=True)
    if not isinstance(items[index], dict):
        what = type_name(items[index])
        raise BuildError(f'"{name}" has {what} at {index}, not an object', is_crash=True)
    return items[index]


def _changed(image: str, overrider: ImageOverrider) -> str:
    return _override(image, overrider.component, overrider.operator, overrider.value)


@lru_cache(maxsize=4096)
def _override(image: str, component: ImageComponent, operator: Operator, value: str) -> str:
    registry, repository, tag, digest = _parse(image)
    if component is ImageComponent.REGISTRY:
        registry = _set(registry, operator, value)
    elif component is ImageComponent.REPOSITORY:
        repository = _set(repository, operator, value)
    elif operator is Operator.REMOVE:
        tag, digest = "", ""
    else:
        tag, digest = _tagged(tag, digest, _set(tag or digest, operator, value))
    name = f"{registry}/{repository}" if registry else repository
    if tag:
        return f"{name}:{tag}"
    return f"{name}@{digest}" if digest else name


def _set(old: str, operator: Operator, value: str) -> str:
    if operator is Operator.ADD:
        return old + value
    return value if operator is Operator.REPLACE else ""


def _tagged(tag: str, digest: str, wanted: str) -> tuple[str, str]:
    """Return tag and digest; what is neither changes nothing (SetTagOrDigest)."""
    if _TAG_ONLY.fullmatch(wanted):
        return wanted, ""
    if _DIGEST_ONLY.fullmatch(wanted):
        return "", wanted
    return tag, digest


@lru_cache(maxsize=1024)
def _parse(image: str) -> tuple[str, str, str, str]:
    """Return registry, repository, tag and digest; upstream drops a digest beside a tag."""
    if not image:
        raise BuildError("there is no image", hint="give every container an image")
    if len(image) > _LONGEST:
        raise BuildError("the image reference is too long")
    if len(image) <= _LONGEST_NAME and _is_simple(image):
        name, _, tag = image.partition(":")
        return *_split(name), tag, ""
    match = _REFERENCE.fullmatch(image)
    if match is None:
        if _REFERENCE.fullmatch(image.lower()):
            raise BuildError(f'image "{image}": the repository must be lower-case')
        raise BuildError(
            f'"{image}" is not an image reference',
            hint="it has the form registry/repository:tag; see whether an override before this one "
            "joined two registries or removed the repository",
        )
    name, path, tag, digest = match.groups(default="")
    if len(path) > _LONGEST_NAME:
        raise BuildError("the image's repository is longer than 255 characters")
    if digest:
        _check_digest(image, digest)
    return *_split(name), tag, "" if tag else digest


def _is_simple(image: str) -> bool:
    """Tell whether an image is names with slashes and dots between them, and maybe a tag.

    Most are; the pattern of all references takes as long to compile as a tenth of Python's start.
    """
    name, colon, tag = image.partition(":")
    if not all(map(_is_name, name.replace("/", ".").split("."))):
        return False
    return not colon or (_is_tag(tag) and len(tag) <= _LONGEST_TAG)


def _split(name: str) -> tuple[str, str]:
    """Return the registry, "" if none is named, and the repository."""
    registry, slash, rest = name.partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        return "", name
    return registry, rest


def _check_digest(image: str, digest: str) -> None:
    algorithm, _, code = digest.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    if length is None:
        known = ", ".join(_DIGEST_LENGTHS)
        raise BuildError(f'image "{image}": digest algorithm "{algorithm}" is none of {known}')
    if len(code) != length or not _LOWER_HEX.fullmatch(code):
        raise BuildError(
            f'image "{image}": a {algorithm} digest has {length} lower-case hex digits'
        )
