#!/bin/sh
# run.sh BUILD-DIR accept|refuse LOGS-DIR    verify.go on the good log, or on each spoiled copy
# run.sh BUILD-DIR proofs PROGRAM            proofs.go on what PROGRAM prints
# Exit status 77 (skipped) without Go or the package golang-golang-x-mod-dev.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
mode=$2
input=$3

gopath=${EGIDE_GOPATH:-/usr/share/gocode}
go=$(command -v go || true)
if [ -z "$go" ] && [ -x /usr/local/go/bin/go ]; then go=/usr/local/go/bin/go; fi
if [ -z "$go" ]; then echo "skipped: no go"; exit 77; fi
if [ ! -d "$gopath/src/golang.org/x/mod/sumdb/tlog" ]; then
  echo "skipped: golang.org/x/mod is not under $gopath"
  exit 77
fi
export GO111MODULE=off GOPATH="$gopath" GOFLAGS= GOTOOLCHAIN=local GOCACHE="$build/gocache" CGO_ENABLED=0

compile() { # each test its own binary: tests run at the same time
  "$go" build -o "$build/go-$1-$mode" "$here/$1.go"
}

verify() {
  "$build/go-verify-$mode" -base "$1" -vkey "@$input/vkey" -old "$1/old" -proofs "$1/proofs"
}

case $mode in
accept)
  compile verify
  verify "$input/good"
  ;;
refuse)
  compile verify
  count=0
  for bad in "$input"/bad-*; do
    status=0
    echo "$(basename "$bad"):"
    verify "$bad" || status=$?
    if [ "$status" -ne 1 ]; then echo "not refused: $bad (status $status)"; exit 1; fi
    count=$((count + 1))
  done
  if [ "$count" -ne 9 ]; then echo "$count spoiled logs instead of 9"; exit 1; fi
  ;;
proofs)
  compile proofs
  "$input" | "$build/go-proofs-$mode"
  ;;
*)
  exit 2
  ;;
esac
