#!/bin/sh
# Compiles every ABI header alone, as C11, C++17 and C++20, with each compiler named.
# -Wpadded turns every hidden hole of a struct into an error: holes are named fields.
#   check_headers.sh INCLUDE_DIR COMPILER_PAIR...     a pair is "gcc:g++"
set -eu
include=$1
shift
common="-pedantic -Wall -Wextra -Wpadded -Wundef -Werror -fsyntax-only -I $include"
count=0
for pair in "$@"; do
  c=${pair%:*}
  cxx=${pair#*:}
  for header in "$include"/ostler/*.h "$include"/ostler/draft/*.h; do
    name=${header#"$include"/}
    for standard in c11 c17; do
      printf '#include <%s>\ntypedef int not_empty;\n' "$name" |
        $c -std=$standard -Wc++-compat -Wstrict-prototypes $common -x c - || { echo "$name is not clean as $standard with $c"; exit 1; }
    done
    for standard in c++17 c++20; do
      printf '#include <%s>\n' "$name" |
        $cxx -std=$standard $common -x c++ - || { echo "$name is not clean as $standard with $cxx"; exit 1; }
    done
    count=$((count + 4))
  done
  for standard in c++17 c++20; do
    printf '#include <ostler/plugin.hpp>\n#include <ostler/draft/advisor.hpp>\n' |
      $cxx -std=$standard -pedantic -Wall -Wextra -Werror -fsyntax-only -I "$include" -x c++ - || { echo "a C++ face is not clean as $standard with $cxx"; exit 1; }
    count=$((count + 1))
  done
done
echo "$count compilations, all clean"
