# For the scripts beside it: builds targets of the release preset, quietly.
#
# build_release ROOT TARGET...   one line of progress on a terminal; on failure the end of
# the log, and status 1. The whole log is build/release/build.log.
build_release() {
  local root=$1 log=$1/build/release/build.log
  shift
  mkdir -p "$root/build/release"
  if ! (cd "$root" && cmake --preset release) >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "cmake --preset release failed; packaging/setup installs what it needs" >&2
    return 1
  fi
  local line
  if ! (cd "$root" && cmake --build --preset release --target "$@") 2>&1 | tee -a "$log" |
    while IFS= read -r line; do
      if [[ -t 2 && $line == \[* ]]; then printf '\r\033[K%.70s' "building $line" >&2; fi
    done; then
    [[ ! -t 2 ]] || printf '\r\033[K' >&2
    tail -n 40 "$log" >&2
    echo "the build failed; all of it is in $log" >&2
    return 1
  fi
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
}
