#!/bin/sh
# run.sh accept|refuse LOGS-DIR    verify.mjs on the good log, or on each spoiled copy
# Exit status 77 (skipped) without Node or the package @sigstore/verify.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mode=$1
logs=$2
if ! command -v node >/dev/null; then echo "skipped: no node"; exit 77; fi

verify() {
  node "$here/verify.mjs" --base "$1" --vkey "@$logs/vkey" --proofs "$1/proofs"
}

case $mode in
accept)
  verify "$logs/good"
  ;;
refuse)
  count=0
  for bad in "$logs"/bad-*; do
    case $bad in *-go) continue ;; esac # a fork shows only in a consistency proof, which the package does not have
    status=0
    echo "$(basename "$bad"):"
    verify "$bad" || status=$?
    if [ "$status" -eq 77 ]; then exit 77; fi
    if [ "$status" -ne 1 ]; then echo "not refused: $bad (status $status)"; exit 1; fi
    count=$((count + 1))
  done
  if [ "$count" -ne 8 ]; then echo "$count spoiled logs instead of 8"; exit 1; fi
  ;;
*)
  exit 2
  ;;
esac
