#!/usr/bin/env python3
"""Tells whether the ABI headers only grew since a release, and prints their layout.

  check_abi.py dump   INCLUDE_DIR               all declarations, for abi/golden/1.N.abi
  check_abi.py check  INCLUDE_DIR GOLDEN...     exit 1 and one line per breach
  check_abi.py layout INCLUDE_DIR               a C program that prints sizes and offsets

The headers are read as a compiler sees them, comments and macros gone. A struct is
its list of fields in order; a released list must be the beginning of today's. Types
that others hold by value must not change at all. Enumerators and id macros may be
added, never renumbered, renamed or removed. Layout alone would miss a swap of two
fields of one type and a changed parameter of a function; this does not.
"""
import os
import re
import subprocess
import sys

# Held by value inside other structs: growth would move what follows.
FIXED = {"ostler_str", "ostler_bytes", "ostler_array", "ostler_out_array", "ostler_sink", "ostler_slice",
         "ostler_range"}
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\w+|[^\s\w]')


def headers(include):
    folder = os.path.join(include, "ostler")
    return sorted(name for name in os.listdir(folder) if name.endswith(".h"))


def preprocess(include, *options):
    source = "".join(f"#include <ostler/{name}>\n" for name in headers(include))
    command = ["cc", "-E", "-P", "-std=c11", "-I", include, *options, "-x", "c", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"check_abi.py: the headers do not compile:\n{done.stderr}")
    return done.stdout


def split(tokens, separator):
    """The parts of a token list between separators that are outside of brackets."""
    parts, part, depth = [], [], 0
    for token in tokens:
        depth += (token in "([{") - (token in ")]}")
        if token == separator and depth == 0:
            parts.append(part)
            part = []
        else:
            part.append(token)
    return [p for p in parts + [part] if p]


def body_from(tokens, start):
    """The tokens between the brace at `start` and its partner."""
    depth = 0
    for end in range(start, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if depth == 0:
            return tokens[start + 1:end]
    sys.exit("check_abi.py: unbalanced braces")


def enumerators(tokens):
    value, out = -1, []
    for part in split(tokens, ","):
        # Constant expressions of the headers are numbers and shifts of numbers.
        value = int(eval("".join(part[2:]).rstrip("uUlL"), {})) if len(part) > 1 else value + 1
        out.append(f"{part[0]} = {value}")
    return out


def declarations(include):
    """{"struct ostler_str": [field, ...], "enum ...": [...], "macros": [...]}"""
    tokens = TOKEN.findall(preprocess(include))
    found = {}
    for i in range(len(tokens) - 2):
        kind, name, brace = tokens[i:i + 3]
        if kind not in ("struct", "enum") or not name.startswith("ostler_") or brace != "{":
            continue
        body = body_from(tokens, i + 2)
        if kind == "enum":
            found[f"enum {name}"] = enumerators(body)
        else:
            found[f"struct {name}"] = [" ".join(field) for field in split(body, ";")]
    macros = preprocess(include, "-dM")
    found["macros"] = sorted(f"{name} = {value}" for name, value in
                             re.findall(r'#define (OSTLER_[A-Z_]+_\d+|OSTLER_ENTRY_SYMBOL|OSTLER_ABI_MAJOR) (.*)', macros))
    return found


def dump(found):
    return "".join(f"{name}\n" + "".join(f"  {item}\n" for item in items) for name, items in found.items())


def parse(path):
    found, items = {}, []
    with open(path) as file:
        for line in file:
            if line.startswith("  "):
                items.append(line.strip())
            elif line.strip():
                items = found[line.strip()] = []
    return found


def breaches(released, today):
    for name, was in released.items():
        now = today.get(name)
        if now is None:
            yield f"{name} is gone"
        elif not name.startswith("struct"):
            yield from (f"{name}: '{item}' is gone or changed" for item in was if item not in now)
        elif name.removeprefix("struct ") in FIXED and now != was:
            yield f"{name} is held by value in other structs and must stay as it is"
        else:
            for at, field in enumerate(was):
                if at >= len(now) or now[at] != field:
                    yield f"{name}: field {at} was '{field}', is '{now[at] if at < len(now) else 'gone'}'"
                    break
            held = f"{name.split()[1]}_t "
            if len(now) > len(was) and any(field.startswith(held) for other, fields in released.items()
                                           if other.startswith("struct") for field in fields):
                yield f"{name} grew, but another struct holds it by value, whose other fields would move"


def field_name(field):
    """The name a declaration declares: of `void (*log)(void *ctx)` it is log."""
    pointer = re.match(r".*?\( \* (?:const )?(\w+) \)", field)
    if pointer:
        return pointer.group(1)
    return re.match(r".*?(\w+)(?: \[.*\])?$", field).group(1)


def layout(include, found):
    lines = [f"#include <ostler/{name}>" for name in headers(include)]
    lines += ["#include <stdio.h>", "int main(void) {"]
    for name, fields in found.items():
        if not name.startswith("struct"):
            continue
        lines.append(f'  printf("{name} size %zu\\n", sizeof({name}));')
        for field in map(field_name, fields):
            lines.append(f'  printf("{name}.{field} at %zu, %zu bytes\\n", offsetof({name}, {field}), '
                         f'sizeof((({name} *)0)->{field}));')
    for name, items in found.items():
        if name.startswith("enum"):
            lines += [f'  printf("{item.split()[0]} = %lld\\n", (long long){item.split()[0]});' for item in items]
    return "\n".join(lines + ["  return 0;", "}", ""])


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("dump", "check", "layout"):
        sys.exit(__doc__)
    command, include, *golden = sys.argv[1:]
    today = declarations(include)
    if command == "dump":
        print(dump(today), end="")
    elif command == "layout":
        print(layout(include, today), end="")
    else:
        found = [f"{path}: {breach}" for path in golden for breach in breaches(parse(path), today)]
        print("\n".join(found) if found else "only grew")
        sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
