# The stages of ./test. To be sourced after setup.sh. Each runs to its end and adds to the counts; none stops the others.

passed=0
failed=0
skipped=0
failed_stages=()

# Runs on exit, also when the set-up stopped half-way: the last line is always the count.
finish() {
  local status=$?
  trap - EXIT
  if ((passed + failed == 0 || (status != 0 && failed == 0))); then failed=$((failed + 1)); fi
  step "Result"
  ((skipped == 0)) || say "$skipped skipped (what they need is not here)"
  ((${#failed_stages[@]} == 0)) || say "failed: ${failed_stages[*]}"
  say "$passed passed, $failed failed"
  if ((failed > 0)); then exit 1; fi
  exit 0
}

fail_stage() { # NAME: one failure that no test counted
  failed=$((failed + 1))
  failed_stages+=("$1")
}

# junit_number ATTRIBUTE FILE: the number behind tests="..." and the like on the first element of a JUnit file.
junit_number() {
  local number
  number="$(tr '\n\t' '  ' <"$2" | grep -o '<testsuite [^>]*>' | head -n 1 | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9')"
  printf '%s\n' "${number:-0}"
}

# run_ctest NAME FOLDER [ARGUMENT...]: runs the tests of a build folder and counts them.
run_ctest() {
  local name="$1" folder="$2"
  shift 2
  local junit="$root/build/junit-${name//[^a-z0-9]/-}.xml" status=0
  rm -f -- "$junit"
  "${without_aslr[@]}" ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 300 \
    -j "$(jobs_here)" --output-junit "$junit" "$@" </dev/null || status=$?
  if [[ ! -f "$junit" ]]; then
    fail_stage "$name"
    return
  fi
  local all bad left_out
  all="$(junit_number tests "$junit")"
  bad="$(junit_number failures "$junit")"
  left_out="$(($(junit_number skipped "$junit") + $(junit_number disabled "$junit")))"
  passed=$((passed + all - bad - left_out))
  failed=$((failed + bad))
  skipped=$((skipped + left_out))
  if ((bad > 0)); then
    failed_stages+=("$name")
  elif ((status != 0)); then
    fail_stage "$name"
  fi
}

# prepare NAME PRESET TARGET...: configures and builds; a failure counts once and ends the stage.
prepare() {
  local name="$1" preset="$2"
  shift 2
  if ! configure_preset "$preset"; then
    say "configuring build/$preset failed"
    fail_stage "$name"
    return 1
  fi
  step "Building build/$preset"
  if ! build_preset "$preset" "$@"; then
    say "building build/$preset failed"
    fail_stage "$name"
    return 1
  fi
}

stage_release() {
  step "Release build and its tests"
  prepare "release build" release all || return 0
  step "Tests"
  run_ctest "release tests" "$root/build/release" --label-exclude '^checks$'
}

stage_checks() {
  step "Checks of the tree"
  if ! configure_preset release; then
    fail_stage "checks"
    return
  fi
  run_ctest "checks" "$root/build/release/tests/checks"
}

# Sanitizers of gcc 12 and clang 14 expect the memory layout of older kernels: run without address randomisation where
# that is allowed.
without_aslr=()
use_fixed_addresses() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then without_aslr=(setarch "$(uname -m)" -R); fi
}

stage_asan() {
  step "Unit tests under the address and undefined-behaviour sanitizers"
  prepare "asan build" asan tests/unit/all || return 0
  use_fixed_addresses
  ASAN_OPTIONS="strict_string_checks=1:detect_stack_use_after_return=1" UBSAN_OPTIONS="print_stacktrace=1" \
    run_ctest "asan tests" "$root/build/asan/tests/unit"
  without_aslr=()
}

stage_tsan() {
  step "Unit tests of the core under the thread sanitizer"
  local -a modules=() targets=()
  local module
  for module in base crypto storage vault; do
    [[ -f "$root/tests/unit/$module/CMakeLists.txt" ]] || continue
    modules+=("$module")
    targets+=("tests/unit/$module/all")
  done
  prepare "tsan build" tsan "${targets[@]}" || return 0
  use_fixed_addresses
  for module in "${modules[@]}"; do
    TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1" \
      run_ctest "tsan $module" "$root/build/tsan/tests/unit/$module"
  done
  without_aslr=()
}

# Each fuzzer begins from the seeds in tests/fuzz/corpus/<name>, where there are some, and keeps what it finds in
# build/fuzz/corpus/<name>.
stage_fuzz() {
  local seconds="${EGIDE_FUZZ_SECONDS:-10}"
  if ((seconds <= 0)) || [[ ! -f "$root/tests/fuzz/CMakeLists.txt" ]]; then
    say "Fuzz stage left out"
    return
  fi
  step "Fuzzers, $seconds s each"
  (ensure_packages "the fuzzers" "$root/packaging/setup/packages-fuzz.txt") || {
    fail_stage "fuzz packages"
    return
  }
  prepare "fuzz build" fuzz tests/fuzz/all || return 0
  use_fixed_addresses
  local fuzzer name found="$root/build/fuzz" ran=0
  while IFS= read -r fuzzer; do
    name="$(basename "$fuzzer")"
    ran=$((ran + 1))
    mkdir -p "$found/corpus/$name" "$found/artifacts"
    local -a corpora=("$found/corpus/$name")
    [[ ! -d "$root/tests/fuzz/corpus/$name" ]] || corpora+=("$root/tests/fuzz/corpus/$name")
    if "${without_aslr[@]}" "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 \
      -verbosity=0 -artifact_prefix="$found/artifacts/$name-" "${corpora[@]}" </dev/null; then
      passed=$((passed + 1))
      say "  ok      $name"
    else
      fail_stage "fuzz $name"
      say "  FAILED  $name (the input is in build/fuzz/artifacts)"
    fi
  done < <(find "$found/tests/fuzz" -maxdepth 1 -type f -perm -u+x | sort)
  ((ran > 0)) || fail_stage "fuzz: no fuzzer found"
  without_aslr=()
}

# run_bench PROGRAM [ARGUMENT...]: figures and ratios on the output; it fails only when it can't run.
run_bench() {
  step "$(basename "$1")"
  if "$@" </dev/null; then
    passed=$((passed + 1))
  else
    fail_stage "$(basename "$1")"
  fi
}

stage_bench() {
  step "Benchmarks"
  prepare "release build" release all || return 0
  local build="$root/build/release" scratch="$root/build/bench-data"
  rm -rf -- "$scratch"
  mkdir -p -- "$scratch"
  run_bench "$build/tests/bench/egide_committer_bench" "$scratch"
  run_bench "$build/tests/bench/egide_decisions_bench" "$scratch"
  run_bench "$build/tests/bench/egide_rewrap_bench" "$scratch"
  run_bench "$root/tests/bench/gateway_bench.py" "$build" --people 100000
  run_bench "$root/tests/bench/cerbos_bench.py" "$build"
  rm -rf -- "$scratch"
}
