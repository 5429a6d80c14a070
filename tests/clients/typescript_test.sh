#!/bin/sh
# typescript_test.sh EGIDE SOURCE_DIR SCRATCH    compiles the TypeScript client, strictly, and runs typescript_test.mjs
# Exit status 77 (skipped) without Node or without what npm puts into clients/typescript.
set -eu
egide=$1
source=$2
scratch=$3
tsc="$source/clients/typescript/node_modules/typescript/bin/tsc"
if ! command -v node >/dev/null; then echo "skipped: no node"; exit 77; fi
if [ ! -f "$tsc" ]; then echo "skipped: run npm ci --ignore-scripts in clients/typescript"; exit 77; fi
rm -rf "$scratch"
node "$tsc" -p "$source/clients/typescript" --outDir "$scratch"
echo '{"type": "module"}' >"$scratch/package.json"
EGIDE="$egide" EGIDE_CLIENT="$scratch" node --test "$source/tests/clients/typescript_test.mjs"
