#!/bin/sh
# A browser for the tests of the report page: Debian's Chromium, driven by playwright's package.
set -eu
command -v chromium >/dev/null && exit 0
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
