#!/bin/bash
# kube-apiserver and etcd for the suite. No registry has kube-apiserver as a program, so it is built once from Debian's
# source package `kubernetes`, kept outside the tree, and used as long as that package has the same version. etcd comes
# from Debian's package, unpacked beside it: installing that package would start a server that nobody asked for.
#
#   tests/support/tools/20-apiserver.sh           build what is missing (5 to 9 minutes on 2 cores; needs root for apt)
#   tests/support/tools/20-apiserver.sh --where   print the folder that holds both programs, exit 1 without one
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/armada-render-tests/apiserver
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

say() { printf '20-apiserver: %s\n' "$*" >&2; }
quietly() { # run a command; show what it printed only when it fails
    local log code=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || { code=$?; tail -60 "$log" >&2; say "failed ($code): $*"; }
    rm -f "$log"
    return "$code"
}
candidate() { # the version that apt would take, without the suffix of a rebuild
    apt-cache policy "$1" | sed -n 's/^  Candidate: //p' | grep -v '^(none)$' | sed 's/+b[0-9]*$//'
}
is_complete() { [ -x "$where/kube-apiserver" ] && [ -x "$where/etcd" ]; }
folder() { printf '%s/%s_%s\n' "$cache" "${1//[^A-Za-z0-9.+~-]/_}" "$(dpkg --print-architecture)"; }

if [ "${1:-}" = --where ]; then # the newest one that is complete; asks nobody what the newest version is
    for where in $(ls -dt "$cache"/*_* 2>/dev/null); do
        if is_complete; then
            printf '%s\n' "$where"
            exit
        fi
    done
    exit 1
fi

candidate kubernetes-client >/dev/null || quietly apt-get update -qq
version=$(candidate kubernetes-client)
where=$(folder "$version")
if is_complete; then
    say "already there: $where"
    exit
fi

mkdir -p "$where"
exec 9>"$where/.building" # one build at a time, whoever asks
flock 9
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT

if [ ! -x "$where/etcd" ]; then
    say "unpacking etcd"
    (cd "$work" && quietly apt-get update -qq && quietly apt-get download -o APT::Sandbox::User=root etcd-server)
    dpkg-deb -x "$work"/etcd-server_*.deb "$work/unpacked"
    install -m 755 "$work/unpacked/usr/bin/etcd" "$where/etcd"
fi

if [ ! -x "$where/kube-apiserver" ]; then
    tools=(golang-go make rsync dpkg-dev golang-github-modern-go-reflect2-dev)
    say "installing ${tools[*]}"
    quietly apt-get install -y -qq --no-install-recommends "${tools[@]}"

    # Debian's sources lie where this machine takes Debian's packages from. The machine's own lists stay as they are.
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u | sed 's#^#deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] #' >"$work/sources.list"
    mkdir -p "$work/lists/partial" "$work/source"
    apart=(-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::State::Lists="$work/lists" -o APT::Sandbox::User=root)
    say "fetching the source of kubernetes $version"
    quietly apt-get "${apart[@]}" update -qq
    (cd "$work/source" && quietly apt-get "${apart[@]}" source --download-only "kubernetes=$version")
    quietly dpkg-source --no-check -x "$work"/source/kubernetes_*.dsc "$work/kubernetes"

    # The vendored reflect2 reads runtime internals that newer Go toolchains moved; Debian's own copy follows them.
    vendored=$work/kubernetes/vendor/github.com/modern-go/reflect2
    rm -rf "$vendored"
    cp -rL /usr/share/gocode/src/github.com/modern-go/reflect2 "$vendored"
    say "building kube-apiserver $version"
    export HOME=$work GOFLAGS=-mod=vendor GO111MODULE=on GOPATH=$work/go GOCACHE=$work/gocache CGO_ENABLED=0
    (cd "$work/kubernetes" && KUBE_GIT_VERSION="v${version##*really}" KUBE_GIT_TREE_STATE=clean KUBE_GIT_COMMIT=debian \
        quietly nice make WHAT=cmd/kube-apiserver)
    install -m 755 "$work/kubernetes/_output/bin/kube-apiserver" "$where/kube-apiserver"
fi
say "built: $where"
