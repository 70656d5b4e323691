#!/bin/sh
# A plugin exports its entry symbol and nothing else (R11), resolves everything at load
# and carries no search path (R12).
#   check_exports.sh PLUGIN.so...
set -eu
test $# -gt 0
for plugin in "$@"; do
  exported=$(nm -D --defined-only "$plugin" | awk '{print $NF}' | sed 's/@.*//' | sort | tr '\n' ' ')
  test "$exported" = "ostler_library_v1 " || { echo "$plugin exports: $exported(R11)"; exit 1; }
  dynamic=$(readelf -d "$plugin")
  case $dynamic in *RPATH*|*RUNPATH*) echo "$plugin has a search path of its own (R12)"; exit 1 ;; esac
  case $dynamic in *NOW*) ;; *) echo "$plugin is bound lazily; link it with -Wl,-z,now (R12)"; exit 1 ;; esac
done
echo "$# plugins, each with one exported symbol"
