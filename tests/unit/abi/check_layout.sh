#!/bin/sh
# Every compiler and language must see one layout: prints the offsets with each and
# compares.
#   check_layout.sh CHECK_ABI_PY INCLUDE_DIR COMPILER...    a compiler is "gcc -std=c11 -x c"
set -eu
script=$1
include=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$script" layout "$include" > "$work/layout.c"
number=0
for compiler in "$@"; do
  # shellcheck disable=SC2086
  $compiler -I "$include" "$work/layout.c" -o "$work/layout"
  "$work/layout" > "$work/$number.txt"
  test -s "$work/$number.txt"
  cmp "$work/0.txt" "$work/$number.txt" || { echo "$compiler sees another layout:"; diff "$work/0.txt" "$work/$number.txt"; exit 1; }
  number=$((number + 1))
done
echo "$(wc -l < "$work/0.txt") values, the same with $number compilers"
