#!/bin/bash
# Builds the reference of Burn's recorders into a folder, offline, and prints where the program is.
# usage: tests/oracle/build.sh FOLDER
set -euo pipefail
folder=$(mkdir -p "${1:?a folder to build in}" && cd "$1" && pwd)
"$(dirname "$0")/burn-recorders/build" "$folder" >&2
echo "$folder/release/rustref"
