#!/bin/sh
# Installs the SDK into an empty prefix, builds a vendor's plugin against it with CMake
# and one with pkg-config, outside of this tree, and has a host in C use both.
#   sdk_test.sh BUILD_DIR PROJECT_DIR C_HOST CHECK_EXPORTS CMAKE_ARGS...
set -eu
build=$1
project=$2
c_host=$3
check_exports=$4
shift 4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --component sdk --prefix "$work/prefix" > "$work/install.log" || { cat "$work/install.log"; exit 1; }
cp -r "$project" "$work/project"
{
  cmake -S "$work/project" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" "$@" && cmake --build "$work/build"
} > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$check_exports" "$work/build/tiny.so"
"$c_host" "$work/build/tiny.so"

# The same by hand; only where pkg-config is.
command -v pkg-config > /dev/null || exit 0
export PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig"
# shellcheck disable=SC2046
c++ -std=c++17 -shared -fPIC $(pkg-config --cflags ostler-plugin) "$work/project/tiny.cpp" -o "$work/by-hand.so" $(pkg-config --libs ostler-plugin)
"$check_exports" "$work/by-hand.so"
