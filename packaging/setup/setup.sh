# Set-up shared by ./start and ./test. To be sourced with `root` set to the checkout.
#
# Every function is safe to repeat and does nothing when there is nothing to do.

# A second checkout finds in the compiler cache what the first one compiled.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Parallel compilations: one a core, and no more than one for each 1.5 GB of memory.
jobs_here() {
  local cores memory_kb
  if [[ -n "${EGIDE_JOBS:-}" ]]; then
    printf '%s\n' "$EGIDE_JOBS"
    return
  fi
  cores="$(nproc)"
  memory_kb="$(awk '/^MemTotal:/ {print $2}' /proc/meminfo 2>/dev/null || true)"
  local by_memory=$((${memory_kb:-0} / 1500000))
  ((by_memory >= 1)) || by_memory=1
  printf '%s\n' "$((cores < by_memory ? cores : by_memory))"
}

# --- Debian packages ---------------------------------------------------------------------------------------------

# The packages of the lists FILE... whose condition holds here.
wanted_packages() {
  local package condition
  while read -r package condition; do
    if [[ "$condition" == unless:* ]] && command -v "${condition#unless:}" >/dev/null; then continue; fi
    printf '%s\n' "$package"
  done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@")
}

# Those of the packages PACKAGE... that are not installed.
missing_packages() {
  local -A installed=()
  local status package
  while read -r status package; do
    [[ "$status" == ?i* ]] && installed["$package"]=1
  done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null)
  for package in "$@"; do
    [[ -n "${installed[$package]:-}" ]] || printf '%s\n' "$package"
  done
}

# Shows one line a package fetched and one a package set up, and whatever went wrong.
apt_get() {
  local -a command=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@")
  ((EUID == 0)) || command=(sudo "${command[@]}")
  "${command[@]}" 2>&1 | sed -u -n -E '/^(Need to get|Get:|Setting up|E:|W:|Err:|dpkg: error)/p'
}

apt_lists_fresh=""

# ensure_packages WHAT FILE...: installs what is missing of the lists.
ensure_packages() {
  local what="$1"
  shift
  local -a wanted missing
  mapfile -t wanted < <(wanted_packages "$@")
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This is not a Debian system: taking for granted that these are there: ${wanted[*]}"
    return 0
  fi
  ((${#wanted[@]})) || return 0
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if ((${#missing[@]} == 0)); then
    say "Packages for $what: all there"
    return 0
  fi
  step "Installing packages for $what: ${missing[*]}"
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    die "no right to install packages. As root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  if [[ -z "$apt_lists_fresh" ]]; then
    apt_get update || die "apt-get update failed; is there a network?"
    apt_lists_fresh=1
  fi
  apt_get install --no-install-recommends "${missing[@]}" || die "apt-get could not install: ${missing[*]}"
}

# --- inputs from npm ---------------------------------------------------------------------------------------------

# True where the system's SQLCipher will do; CMake asks the library itself once more.
system_sqlcipher() { pkg-config --atleast-version=4.5 sqlcipher 2>/dev/null; }

ensure_node() {
  ensure_packages "the npm inputs" "$root/packaging/setup/packages-node.txt"
  local version major
  version="$(node --version)" || die "node does not run"
  major="${version#v}"
  major="${major%%.*}"
  ((major >= 18)) || die "node $version is too old: 18 or later is needed (it is used only to fetch inputs of the build)"
}

# ensure_npm_inputs [FOLDER]: installs the node_modules of third_party/npm, or of FOLDER, as the lock file says, unless
# the stamp shows that it was done already.
ensure_npm_inputs() {
  local name="${1:-third_party/npm}"
  local folder="$root/$name"
  local stamp="$folder/node_modules/.egide-lock" lock
  lock="$(sha256sum <"$folder/package-lock.json")"
  if [[ -f "$stamp" && "$(<"$stamp")" == "$lock" ]]; then
    say "Inputs from npm for $name: all there"
    return 0
  fi
  ensure_node
  step "Fetching the inputs from npm (checked against the hashes in $name/package-lock.json)"
  npm ci --ignore-scripts --no-audit --no-fund --prefix "$folder" </dev/null ||
    die "npm ci failed; is there a network?"
  printf '%s\n' "$lock" >"$stamp"
}

# --- CMake -------------------------------------------------------------------------------------------------------

# configure_preset PRESET: runs CMake where the build folder is absent, unfinished, moved, or older than the presets.
# Later changes of a CMakeLists.txt are noticed by ninja itself.
configure_preset() {
  local build="$root/build/$1"
  if [[ -f "$build/CMakeCache.txt" ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt"; then
    say "build/$1 belongs to another folder: starting afresh"
    rm -rf -- "$build"
  fi
  if [[ -f "$build/build.ninja" && ! "$root/CMakePresets.json" -nt "$build/build.ninja" ]]; then return 0; fi
  step "Configuring build/$1"
  (cd "$root" && cmake --preset "$1")
}

# build_preset PRESET TARGET...: builds the targets of a configured preset.
build_preset() {
  local build="$root/build/$1"
  shift
  local -a targets=()
  local target
  for target in "$@"; do targets+=(--target "$target"); done
  cmake --build "$build" --parallel "$(jobs_here)" "${targets[@]}"
}
