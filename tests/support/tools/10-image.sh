#!/bin/sh
# What builds and runs the container image in the long stage. Needs root and Debian's apt.
set -eu
missing=
for program in buildah podman runc debootstrap openssl; do # packages of the same names
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -z "$missing" ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing >/dev/null
