#!/usr/bin/env bash
# cmake/EgideModule.cmake stops the configuration on a dependency that is not on a lower layer, and on no other.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
project="$(mktemp -d)"
trap 'rm -rf -- "$project"' EXIT

mkdir -p "$project/low" "$project/high"
printf 'int one() { return 1; }\n' | tee "$project/low/a.cpp" >"$project/high/a.cpp"
cat >"$project/CMakeLists.txt" <<TEXT
cmake_minimum_required(VERSION 3.25)
project(layers LANGUAGES CXX)
add_library(egide_flags INTERFACE)
include("$root/cmake/EgideModule.cmake")
add_subdirectory(high)
add_subdirectory(low)
TEXT
printf 'egide_module(NAME high LAYER 3 SOURCES a.cpp)\n' >"$project/high/CMakeLists.txt"

failures=0
# expect CASE LAYER DEPENDENCY ANSWER: configures a module low on LAYER that names DEPENDENCY.
expect() {
  local case="$1" layer="$2" dependency="$3" answer="$4" output status=0
  printf 'egide_module(NAME low LAYER %s SOURCES a.cpp DEPS %s)\n' "$layer" "$dependency" >"$project/low/CMakeLists.txt"
  output="$(cmake -S "$project" -B "$project/build" -G Ninja 2>&1)" || status=$?
  output="$(tr -s ' \n' ' ' <<<"$output")"
  if [[ "$answer" == configures ]]; then
    if ((status == 0)); then printf 'ok      %s\n' "$case" && return; fi
  elif ((status != 0)) && [[ "$output" == *"$answer"* ]]; then
    printf 'ok      %s\n' "$case" && return
  fi
  printf 'FAILED  %s: status %s, %s\n' "$case" "$status" "$output"
  failures=$((failures + 1))
}

expect "L4 names L3" 4 high configures
expect "L1 names L3" 1 high "Layer violation: egide::low (L1) may not use egide::high (L3)"
expect "L3 names L3" 3 high "Layer violation: egide::low (L3) may not use egide::high (L3)"
expect "L4 names a module that is not there" 4 nowhere nowhere
((failures == 0))
