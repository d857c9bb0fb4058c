# The image of armada-render: command line, Argo CD sidecar, controller. docs/image.md tells how to build, check and
# run it; docs/decisions says why it is made this way.
ARG BASE=docker.io/library/debian:trixie-20261005-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f

# `--build-context wheels=DIR` takes this stage's place; without wheels, pip asks its index.
FROM scratch AS wheels
COPY constraints.txt /

# The programs: Python, and Git with what it needs to speak HTTPS and SSH.
FROM ${BASE} AS system
ARG DEBIAN_FRONTEND=noninteractive
# The newest security updates are wanted, so the pinned base is brought up to date and versions stay open (DL3008).
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get upgrade -y -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates git openssh-client python3 \
    && rm -rf /var/lib/apt/lists/*
# Everything that installs, configures or becomes another user goes, and Perl with it, which only Git's mail and
# Subversion commands use. What packages do on their removal needs some of what goes, so it is not done. dpkg's list
# of what is left stays: scanners read it.
RUN set -eu; \
    groupadd --system --gid 999 argocd; \
    useradd --system --uid 999 --gid 999 --home-dir /home/argocd --shell /usr/sbin/nologin argocd; \
    set -- adduser apt debconf debian-archive-keyring dpkg git-man init-system-helpers liberror-perl libapt-pkg7.0 \
        libperl5.40 login login.defs mount passwd perl perl-base perl-modules-5.40 sqv sysvinit-utils util-linux; \
    for package; do rm -f /var/lib/dpkg/info/"$package".p* /var/lib/dpkg/info/"$package":*.p*; done; \
    dpkg --purge --force-depends --force-remove-essential --force-remove-protected "$@"; \
    find /usr/bin /usr/lib/git-core -regextype posix-extended \
        -regex '.*/(git-(daemon|http-backend|http-fetch|http-push|imap-send|shell)|scalar)' -delete; \
    find /usr/share/doc -type f ! -name copyright -delete; \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +; \
    rm -rf /usr/share/locale /usr/share/man /usr/share/info /usr/share/perl5 /var/cache/* /var/log/* /var/lib/apt \
        /var/lib/dpkg/*-old /run/lock /run/mount /tmp/*

# The package, into an environment without pip.
FROM ${BASE} AS build
ARG DEBIAN_FRONTEND=noninteractive
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /tools \
    && python3 -m venv --without-pip /opt/armada-render
WORKDIR /source
COPY constraints.txt LICENSE README.md pyproject.toml ./
COPY armada_render armada_render
# Optional dependencies that go into the image; an index other than pip's own.
ARG EXTRAS=controller
ARG PIP_INDEX_URL
RUN --mount=type=bind,from=wheels,target=/wheels set -eu; \
    export PIP_CONSTRAINT=/source/constraints.txt PIP_ONLY_BINARY=:all: PIP_NO_CACHE_DIR=1 PIP_QUIET=1; \
    if ls /wheels/*.whl >/dev/null 2>&1; then export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels; fi; \
    /tools/bin/pip install cyclonedx-python-lib hatchling; \
    /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist .; \
    /tools/bin/pip --python /opt/armada-render/bin/python install --no-compile "$(ls /dist/*.whl)[$EXTRAS]"; \
    # The client's asynchronous double, half of it, is not used here.
    rm -rf /opt/armada-render/lib/python3*/site-packages/kubernetes/aio; \
    # The root is read-only: what is not compiled now is compiled at every start.
    python3 -m compileall -q --invalidation-mode unchecked-hash /opt/armada-render
COPY scripts/sbom.py ./
RUN --mount=type=bind,from=system,target=/system \
    /tools/bin/python sbom.py /opt/armada-render/lib/python3*/site-packages /system/var/lib/dpkg/status \
        /system/usr/lib/os-release >/sbom.cdx.json

# `--target sbom --output DIR` gives the bill of materials alone.
FROM scratch AS sbom
COPY --from=build /sbom.cdx.json /

FROM scratch
ARG BASE
# One layer without what was removed above, which is why it is copied whole (DL3067).
# hadolint ignore=DL3067
COPY --from=system / /
COPY --from=build /opt/armada-render /opt/armada-render
COPY --from=build /sbom.cdx.json /usr/share/sbom/armada-render.cdx.json
COPY argocd-plugin/plugin.yaml /home/argocd/cmp-server/config/plugin.yaml
LABEL org.opencontainers.image.title="armada-render" \
      org.opencontainers.image.description="Karmada without the control plane: placement, replica division and overrides computed from Git" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}"
# The root is read-only: what has to write something goes to /tmp.
ENV PATH=/opt/armada-render/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /fleet
USER 999:999
ENTRYPOINT ["armada-render"]
CMD ["--help"]
