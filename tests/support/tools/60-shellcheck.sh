#!/bin/sh
# shellcheck, for the shell parts of the GitHub Action and the GitLab include. From Debian, as root.
set -eu
if command -v shellcheck >/dev/null; then exit 0; fi
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq shellcheck >/dev/null 2>&1 || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq shellcheck >/dev/null
}
