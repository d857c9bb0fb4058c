#!/bin/sh
# Build the container image with docker, podman or buildah, labelled with the revision it is built from.
# Usage: scripts/image.sh [OPTION OF THE BUILDER]...    BUILDER names the command, IMAGE the image.
set -eu
cd "$(dirname "$0")/.."

builder=${BUILDER:-}
if [ -z "$builder" ]; then
    for candidate in docker podman buildah; do # a client without its engine builds nothing
        if "$candidate" info >/dev/null 2>&1; then builder=$candidate; break; fi
    done
fi
if [ -z "$builder" ]; then
    echo "scripts/image.sh: neither docker, podman nor buildah works here; name one with BUILDER" >&2
    exit 1
fi

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' armada_render/version.py)
if revision=$(git rev-parse --verify --quiet HEAD); then
    [ -z "$(git status --porcelain)" ] || revision=$revision-dirty
    set -- --label "org.opencontainers.image.revision=$revision" \
        --label "org.opencontainers.image.created=$(git log -1 --format=%cI)" "$@"
fi
# shellcheck disable=SC2086  # BUILDER may carry options
exec $builder build --tag "${IMAGE:-armada-render:$version}" "$@" .
