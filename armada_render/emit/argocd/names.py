"""Names of Applications, and texts that fit a label. A name never depends on other names.

An Application is bound to its pair of app and cluster for ever: Argo CD abandons the objects of one
whose destination is edited (argoproj/argo-cd#1640). The plugin checks its cluster by the same rule.
"""

import re

from armada_render.model.digest import sha256
from armada_render.model.pattern import pattern
from armada_render.model.selector import label_value_error

LONGEST = 63
"""Names of Applications are values of labels, too."""
_HASH_LETTERS = 8
_UNSAFE = pattern(r"[^a-z0-9]+", re.ASCII)
_DNS_LABEL = pattern(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_GROUP = pattern(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?", re.ASCII)
_KIND = pattern(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)


def application_name(app: str, cluster: str) -> str:
    """Return the name of the Application of an app on a cluster: a DNS label."""
    return _dns_label(f"{app}-{cluster}", f"{app}\0{cluster}")


def set_name(app: str) -> str:
    """Return the name of the ApplicationSet of an app: a DNS label."""
    return _dns_label(app, app)


def label_text(text: str) -> str:
    """Return `text`, or where a label cannot hold it something like it with a hash."""
    return _dns_label(text, text) if label_value_error(text) else text


def group_of(api_version: str) -> str:
    """Return the API group, "" for the core group."""
    return api_version.rpartition("/")[0]


def is_dns_label(text: str) -> bool:
    """Tell whether `text` names a namespace, and no pattern of an AppProject."""
    return _DNS_LABEL.fullmatch(text) is not None


def is_group_kind(group: str, kind: str) -> bool:
    """Tell whether this is a kind, and no pattern of an AppProject."""
    return bool(_GROUP.fullmatch(group) and _KIND.fullmatch(kind))


def _dns_label(text: str, key: str) -> str:
    """Return `text` if it is a DNS label, else what is left of it and a hash of `key`."""
    if is_dns_label(text):
        return text
    slug = _UNSAFE.sub("-", text.lower()).strip("-")
    digest = sha256(key.encode(errors="backslashreplace")).hex()[:_HASH_LETTERS]
    stem = slug[: LONGEST - _HASH_LETTERS - 1].rstrip("-")
    return f"{stem or 'app'}-{digest}"
