#!/usr/bin/env bash
# Debian packages that some tests need and skip without. usage: test_system.sh (as root; changes nothing otherwise)
set -euo pipefail
packages=(slurm-wlm munge chromium) # a private SLURM for tests/cluster, a browser for tests/report

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "test packages: all there"
elif ! command -v apt-get >/dev/null; then
  echo "test packages: no apt-get, so tests that need ${missing[*]} are skipped"
elif [ "$(id -u)" != 0 ]; then
  echo "test packages: not root, so tests that need ${missing[*]} are skipped"
else
  echo "test packages: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet --quiet
  apt-get install --quiet --quiet --yes --no-install-recommends "${missing[@]}" >/dev/null
fi
