# What the launchers share. Sourced by ./attune and ./test with $root set; all its own words go to standard error.

say() { printf '%s\n' "attune: $*" >&2; }
fail() { say "$@"; exit 1; }

# Debian's packages that the build links against: SQLite (storage), zlib (gzip bodies), libcrypto (key hashes), OpenBLAS
# (models that train).
build_packages=(libsqlite3-dev zlib1g-dev libssl-dev libopenblas-dev libxgboost-dev libhnswlib-dev)

# Runs a command as root, by sudo when need be.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs those of the named Debian packages that dpkg says are missing; elsewhere than on Debian trusts the machine.
need_packages() {
  command -v dpkg-query >/dev/null || return 0
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail "please install: apt-get install ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends
    -o DPkg::Lock::Timeout=300 "${missing[@]}")
  # The package lists of a new machine are often empty or old: fetch them when the first try fails.
  as_root "${install[@]}" >/dev/null 2>&1 || {
    as_root apt-get update -q >&2
    as_root "${install[@]}" >&2
  } || fail "could not install ${missing[*]}"
}

# Builds product attune in configuration $1 (debug or release) unless no source is newer than the last good build.
build_attune() {
  local configuration=$1 binary="$root/.build/$1/attune" stamp="$root/.build/attune-$1.stamp"
  if [ -x "$binary" ] && [ -f "$stamp" ] &&
    [ -z "$(find "$root/Sources" "$root/Package.swift" -newer "$stamp" -print -quit)" ]; then
    return 0
  fi
  command -v swift >/dev/null || fail "Swift 6.3 or newer is needed: https://www.swift.org/install/linux"
  need_packages "${build_packages[@]}"
  [ -x "$binary" ] || say "building for the first time: some minutes"
  mkdir -p "$root/.build"
  touch "$stamp.new"
  swift build --package-path "$root" -c "$configuration" --product attune >&2 || fail "the build failed"
  mv "$stamp.new" "$stamp"
}
