#!/bin/sh
# An SSH server, for remote repositories over SSH: tests start it on loopback. From Debian, as root.
set -eu
if command -v /usr/sbin/sshd >/dev/null && command -v ssh >/dev/null; then exit 0; fi
# Installed, not started: nothing may listen but what tests start.
mask=/usr/sbin/policy-rc.d
if [ ! -e "$mask" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$mask"
    chmod +x "$mask"
    trap 'rm -f "$mask"' EXIT
fi
install="apt-get install -y -qq --no-install-recommends openssh-server openssh-client"
DEBIAN_FRONTEND=noninteractive $install >/dev/null 2>&1 || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $install >/dev/null
}
