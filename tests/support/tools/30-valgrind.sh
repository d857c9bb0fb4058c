#!/bin/sh
# valgrind counts the instructions of a start, which says the same on a busy machine. From Debian, as root.
set -eu
if command -v valgrind >/dev/null; then exit 0; fi
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq valgrind >/dev/null 2>&1 || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq valgrind >/dev/null
}
