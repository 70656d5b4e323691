#!/usr/bin/env python3
"""The package's files against Universe's schemas, and options against config.json.

usage: schema_test.py PACKAGE_FOLDER UNIVERSE_SCHEMA_FOLDER

Exits with 77 (skipped) where the validator is not installed. Universe's own schemas are
read in place and left out where they do not exist; the bounds of options are always tried.
"""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def problems(schema, value):
    return [error.message for error in jsonschema.Draft4Validator(schema).iter_errors(value)]


def option(path, value):
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def merge(into, over):
    for name, value in over.items():
        into[name] = merge(dict(into.get(name, {})), value) if isinstance(value, dict) else value
    return into


def defaults(schema):
    if "properties" not in schema:
        return schema.get("default")
    found = {name: defaults(inner) for name, inner in schema["properties"].items()}
    return {name: value for name, value in found.items() if value is not None}


failures = []


def expect(what, found):
    if not found:
        failures.append(what)


package, schemas = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
config = load(package / "config.json")

if schemas.is_dir():
    for name in ("package", "config", "resource"):
        schema = load(schemas / ("v3-resource-schema.json" if name == "resource" else f"{name}-schema.json"))
        for text in problems(schema, load(package / f"{name}.json")):
            failures.append(f"{name}.json: {text}")

jsonschema.Draft4Validator.check_schema(config)
base = defaults(config)
for text in problems(config, base):
    failures.append(f"the defaults: {text}")

ACCEPTED = [
    ("node.count", 5),
    ("node.cpus", 0.5),
    ("service.name", "/folder/zookeeper"),
    ("service.readiness_check.interval", 5),
    ("service.readiness_check.timeout", 60),
    ("service.rlimits.rlimit_nofile.soft", 128000),
    ("node.data_disk_type", "MOUNT"),
    ("service.log_level", "ALL"),
    ("ostler.force_sync", "no"),
]
REFUSED = [
    ("node.count", 1),
    ("node.count", 4),
    ("node.count", 7),
    ("node.count", "3"),
    ("node.cpus", "1"),
    ("node.mem", 0.5),
    ("node.data_disk_type", "PATH"),
    ("node.log_disk_type", "SSD"),
    ("service.name", "Upper_Case"),
    ("service.log_level", "LOUD"),
    ("service.readiness_check.interval", 4),
    ("service.readiness_check.delay", -1),
    ("service.readiness_check.timeout", 59),
    ("service.rlimits.rlimit_nofile.soft", 127999),
    ("service.rlimits.rlimit_nofile.hard", 1024),
    ("service.check.intervalSeconds", 29),
    ("service.check.timeoutSeconds", 19),
    ("service.check.delaySeconds", 14),
    ("service.security.unknown", True),
    ("zookeeper.sync_enabled", "yes"),
    ("ostler.force_sync", "maybe"),
]
for path, value in ACCEPTED:
    expect(f"{path} = {value!r} is refused", not problems(config, merge(defaults(config), option(path, value))))
for path, value in REFUSED:
    expect(f"{path} = {value!r} is accepted", problems(config, merge(defaults(config), option(path, value))))

for failure in failures:
    print(failure)
sys.exit(1 if failures else 0)
