#!/usr/bin/env bash
# Build the image and run it as compose.yaml does, on the simulators. The base is made by debootstrap,
# once. As root, with buildah, podman, runc and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/../.."
base=${BASE:-localhost/aicost-base}
if ! podman image exists "$base"; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates trixie "$folder"
  certificates=/etc/ssl/certs/ca-certificates.crt
  cp "$certificates" "$folder$certificates" # those of this machine, if its proxy has one of its own
  tar -C "$folder" -c . | podman import --change "ENV SSL_CERT_FILE=$certificates" - "$base"
fi
buildah build --format docker --network host --isolation chroot --build-context base=docker-image://"$base" \
  --build-arg "VERSION=$(git describe --tags)" --tag aicost-bot .
# Podman runs health checks by systemd: without it, `try_image` runs them.
export AICOST_RUN_OPTIONS="--health-interval disable --ulimit nofile=4096:4096 --ulimit nproc=4096:4096"
AICOST_ENGINE="podman --runtime runc" .venv/bin/python -m tests.deploy.try_image localhost/aicost-bot
