#!/usr/bin/env bash
# Build the image and start it as compose.yaml does: read-only, without capabilities or a network.
# The base is made by debootstrap, once. As root, with buildah, podman, runc and debootstrap.
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
buildah build --format docker --network host --isolation chroot --build-arg "PYTHON=$base" \
  --build-arg "VERSION=$(git describe --tags)" --tag aicost-bot .
said=$(podman --runtime runc run --rm --network none --read-only --tmpfs /tmp --cap-drop ALL \
  --security-opt no-new-privileges --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 \
  aicost-bot demo --say balance)
echo "$said"
grep -q 'OpenRouter: \$' <<<"$said"
