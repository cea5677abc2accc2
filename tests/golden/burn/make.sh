#!/bin/bash
# Makes these files again, with the reference of Burn's recorders (tests/oracle).
# usage: tests/golden/burn/make.sh RUSTREF
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rustref=$(realpath "${1:?the reference program: tests/oracle/build.sh prints its path}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$rustref" write "$folder" > /dev/null
"$rustref" legacy "$folder" > /dev/null
cp "$folder"/tiny.* "$folder"/mlp.* "$folder"/kitchen.full.* "$folder"/g5-v0.20.* "$here"
