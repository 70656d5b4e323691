#!/usr/bin/env python3
"""The gate tests itself: changes are made to a copy of the headers, each is judged."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT, INCLUDE = sys.argv[1:3]


class CheckAbi(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.include = os.path.join(self.folder.name, "include")
        shutil.copytree(INCLUDE, self.include)
        self.golden = os.path.join(self.folder.name, "1.0.abi")
        with open(self.golden, "w") as file:
            subprocess.run([sys.executable, SCRIPT, "dump", INCLUDE], stdout=file, check=True)

    def tearDown(self):
        self.folder.cleanup()

    def change(self, header, old, new):
        path = os.path.join(self.include, "ostler", header)
        with open(path) as file:
            text = file.read()
        self.assertEqual(text.count(old), 1, f"{header} must have one '{old}' to change")
        with open(path, "w") as file:
            file.write(text.replace(old, new))

    def judge(self):
        done = subprocess.run([sys.executable, SCRIPT, "check", self.include, self.golden], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.strip().replace(self.golden + ": ", "")

    def test_no_change(self):
        self.assertEqual(self.judge(), (0, "only grew"))

    def test_comments_do_not_matter(self):
        self.change("state.h", "/* NOT_FOUND when the node does not exist. */", "/* Reads. */")
        self.assertEqual(self.judge(), (0, "only grew"))

    def test_field_appended_to_a_table(self):
        self.change("plugin.h", "} ostler_plugin_t;", "  void (*later)(void);\n} ostler_plugin_t;")
        self.assertEqual(self.judge(), (0, "only grew"))

    def test_field_appended_to_an_array_element(self):
        self.change("offers.h", "} ostler_offer_t;", "  uint64_t later;\n} ostler_offer_t;")
        self.assertEqual(self.judge(), (0, "only grew"))

    def test_field_inserted(self):
        self.change("host.h", "  void *ctx; /*", "  uint64_t sooner;\n  void *ctx; /*")
        self.assertEqual(self.judge(), (1, "struct ostler_host: field 3 was 'void * ctx', is 'uint64_t sooner'"))

    def test_fields_of_one_type_swapped(self):
        self.change("offers.h", "  int64_t cpus_milli;\n  int64_t mem_milli;", "  int64_t mem_milli;\n  int64_t cpus_milli;")
        self.assertEqual(self.judge(), (1, "struct ostler_requirement: field 0 was 'int64_t cpus_milli', is 'int64_t mem_milli'"))

    def test_field_removed(self):
        self.change("metrics.h", "  double sum;\n", "")
        self.assertEqual(self.judge(), (1, "struct ostler_timer: field 1 was 'double sum', is 'double min'"))

    def test_enumerator_renumbered(self):
        self.change("base.h", "OSTLER_ABORTED = 10,", "OSTLER_ABORTED = 17,")
        self.assertEqual(self.judge(), (1, "enum ostler_status_code: 'OSTLER_ABORTED = 10' is gone or changed"))

    def test_enumerator_appended(self):
        self.change("base.h", "OSTLER_UNAUTHENTICATED = 16", "OSTLER_UNAUTHENTICATED = 16,\n  OSTLER_LATER = 17")
        self.assertEqual(self.judge(), (0, "only grew"))

    def test_parameter_changed(self):
        self.change("plugin.h", "(*stop)(ostler_instance_t *self, uint32_t timeout_ms)", "(*stop)(ostler_instance_t *self, uint64_t timeout_ms)")
        code, text = self.judge()
        self.assertEqual(code, 1)
        self.assertIn("struct ostler_plugin: field 10 was 'void ( * stop )", text)

    def test_signedness_flipped(self):
        self.change("offers.h", "  int32_t type;  /* enum ostler_volume_type */", "  uint32_t type;  /* enum ostler_volume_type */")
        self.assertEqual(self.judge(), (1, "struct ostler_volume_need: field 1 was 'int32_t type', is 'uint32_t type'"))

    def test_type_that_others_hold_by_value_grown(self):
        self.change("base.h", "} ostler_str_t;", "  uint64_t hash;\n} ostler_str_t;")
        self.assertEqual(self.judge(), (1, "struct ostler_str is held by value in other structs and must stay as it is"))
        # Also one that nobody has listed.
        self.setUp()
        self.change("metrics.h", "} ostler_timer_t;", "  double later;\n} ostler_timer_t;")
        self.assertEqual(self.judge(), (1, "struct ostler_timer grew, but another struct holds it by value, whose other fields would move"))

    def test_id_changed(self):
        self.change("state.h", '#define OSTLER_STATE_1 "ostler.state/1"', '#define OSTLER_STATE_1 "ostler.state/2"')
        self.assertEqual(self.judge(), (1, "macros: 'OSTLER_STATE_1 = \"ostler.state/1\"' is gone or changed"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
