// The manifest: what is read, and what is said about mistakes.
#include "plugins/manifest.h"

#include <gtest/gtest.h>

#include "plugins/text.h"

namespace ostler::plugins {
namespace {

std::string complaints(const std::string& text, const std::string& file = "plugins.yaml") {
  std::string out;
  for (const PluginProblem& problem : parse_manifest(text, file, "/opt/plugins").problems)
    out += problem.text() + "\n";
  return out;
}

// A sound manifest, lines 1 to 5, and one entry more.
std::string with(const std::string& more) {
  return "manifest: 1\n"
         "plugins:\n"
         "- {name: s, kind: state, library: s.so}\n"
         "- {name: o, kind: offers, library: o.so}\n"
         "- {name: h, kind: http, library: h.so}\n" +
         more;
}

// The JSON that one value of a configuration becomes.
std::string json_of(const std::string& value) {
  const ManifestReading reading = parse_manifest(
      with("- {name: m, kind: metrics, library: m.so, config: {v: " + value + "}}\n"), "m", "/p");
  if (!reading.problems.empty()) return reading.problems[0].text();
  const std::string json = reading.manifest.plugins[3].config;
  return json.substr(5, json.size() - 6);
}

TEST(Manifest, ReadsEveryKey) {
  const ManifestReading reading = parse_manifest(
      "# what runs\n"
      "manifest: 1\n"
      "plugins:\n"
      "  - name: state\n"
      "    kind: state\n"
      "    library: state-zookeeper.so\n"
      "    plugin: io.ostler.state.zookeeper\n"
      "    sha256: 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n"
      "    config:\n"
      "      servers: [zk-1:2181, zk-2:2181]\n"
      "      tls/key: {~name: x}\n"
      "  - {name: o, kind: offers, library: ./mine/o.so}\n"
      "  - {name: h, kind: http, library: /usr/lib/h.so, config: }\n",
      "/etc/ostler/plugins.yaml", "/opt/plugins");
  ASSERT_TRUE(reading.problems.empty()) << reading.problems[0].text();
  const std::vector<PluginEntry>& plugins = reading.manifest.plugins;
  ASSERT_EQ(plugins.size(), 3u);
  EXPECT_EQ(plugins[0].name, "state");
  EXPECT_EQ(plugins[0].kind, Kind::kState);
  EXPECT_EQ(plugins[0].library, "/opt/plugins/state-zookeeper.so");
  EXPECT_EQ(plugins[0].plugin_id, "io.ostler.state.zookeeper");
  EXPECT_EQ(plugins[0].sha256, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  EXPECT_EQ(plugins[0].config, R"({"servers":["zk-1:2181","zk-2:2181"],"tls/key":{"~name":"x"}})");
  EXPECT_EQ(plugins[1].library, "/etc/ostler/mine/o.so");
  EXPECT_EQ(plugins[2].library, "/usr/lib/h.so");
  EXPECT_EQ(plugins[2].config, "{}");

  const auto where = [&](const char* pointer) { return reading.manifest.where(plugins[0].find(pointer)); };
  EXPECT_EQ(where("/servers/1"), "/etc/ostler/plugins.yaml:10:28");
  EXPECT_EQ(where("/servers/7"), "/etc/ostler/plugins.yaml:10:16") << "the nearest that there is";
  EXPECT_EQ(where("/tls~1key/~0name"), "/etc/ostler/plugins.yaml:11:24");
  EXPECT_EQ(where("/port"), "/etc/ostler/plugins.yaml:10:7");
  EXPECT_EQ(where("no pointer"), "/etc/ostler/plugins.yaml:10:7");
}

TEST(Manifest, TurnsYamlIntoJsonByTheCoreSchema) {
  const std::pair<const char*, const char*> cases[] = {{"true", "true"},
                                                       {"False", "false"},
                                                       {"yes", R"("yes")"},
                                                       {"on", R"("on")"},
                                                       {"null", "null"},
                                                       {"~", "null"},
                                                       {"", "null"},
                                                       {"'true'", R"("true")"},
                                                       {"\"1\"", R"("1")"},
                                                       {"12", "12"},
                                                       {"-12", "-12"},
                                                       {"+12", "12"},
                                                       {"010", "10"},
                                                       {"0x1F", "31"},
                                                       {"0o17", "15"},
                                                       {"9223372036854775808", "9223372036854775808"},
                                                       {"-9223372036854775808", "-9223372036854775808"},
                                                       {"1.5", "1.5"},
                                                       {"1e3", "1000.0"},
                                                       {".5", "0.5"},
                                                       {"1_000", R"("1_000")"},
                                                       {"1:2", R"("1:2")"},
                                                       {"10s", R"("10s")"},
                                                       {"-", R"("-")"},
                                                       {"!!str 5", R"("5")"},
                                                       {"ü", "\"ü\""}};
  for (const auto& [yaml, json] : cases) EXPECT_EQ(json_of(yaml), json) << yaml;
}

TEST(Manifest, RefusesWhatJsonCannotHold) {
  EXPECT_EQ(json_of(".inf"), "m:6:55: the value is '.inf', which JSON cannot hold   [OST-102]");
  EXPECT_EQ(json_of("18446744073709551616"),
            "m:6:55: the value is an integer of more than 64 bits; quote it if it is text   [OST-102]");
  EXPECT_EQ(json_of("1e999"),
            "m:6:55: the value is a number out of range; quote it if it is text   [OST-102]");
  EXPECT_EQ(json_of("!!binary aGk="),
            "m:6:55: the value has the tag 'tag:yaml.org,2002:binary'; only plain and quoted values are read "
            "  [OST-102]");
  EXPECT_EQ(json_of("{<<: {a: 1}}"),
            "m:6:56: the map uses a merge key ('<<'), which YAML 1.2 does not have; write the keys out   "
            "[OST-102]");
  EXPECT_EQ(json_of("{[a]: 1}"),
            "m:6:56: the map has a key that is no text; JSON has text keys only   [OST-102]");
}

TEST(Manifest, RefusesAliasesThatMultiplyOrHoldThemselves) {
  EXPECT_EQ(
      json_of("&x [1, *x]"),
      "m:6:59: the value is nested more than 64 levels deep (an alias inside itself does that)   [OST-102]");
  std::string bomb = "{a: &a [1,1,1,1,1,1,1,1,1,1]";
  for (char c = 'b'; c <= 'i'; ++c) {
    bomb += std::string(", ") + c + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string(i > 0 ? "," : "") + "*" + static_cast<char>(c - 1);
    bomb += "]";
  }
  EXPECT_NE(json_of(bomb + "}")
                .find("the value has more than 100000 values (aliases count each time they are used)"),
            std::string::npos);
}

TEST(Manifest, TellsAllProblemsAtOnce) {
  EXPECT_EQ(
      complaints("manifest: 1\n"
                 "pluggins: 2\n"
                 "plugins:\n"
                 "- name: state\n"
                 "  kind: stat\n"
                 "  libary: x.so\n"
                 "- name: state\n"
                 "  kind: http\n"
                 "  library: 7\n"
                 "  config: [1]\n"
                 "- 5\n"
                 "- {name: 'a b', kind: offers, library: plugins/o.so, sha256: abc}\n"),
      "plugins.yaml:2:11: unknown key 'pluggins'\n    Did you mean 'plugins'?   [OST-102]\n"
      "plugins.yaml:6:11: plugin 'state': unknown key 'libary'\n    Did you mean 'library'?   [OST-102]\n"
      "plugins.yaml:5:9: plugin 'state': unknown kind 'stat'\n    Did you mean 'state'?   [OST-102]\n"
      "plugins.yaml:4:3: plugin 'state': has no 'library'   [OST-102]\n"
      "plugins.yaml:9:12: plugin 'state': 'library' must be text, found 7   [OST-102]\n"
      "plugins.yaml:10:11: plugin 'state': 'config' must be a map, found a list   [OST-102]\n"
      "plugins.yaml:11:3: a plugin must be a map, found 5   [OST-102]\n"
      "plugins.yaml:12:10: 'a b' is no name for a plugin\n"
      "    A name has up to 64 letters, digits, '.', '_' and '-', and begins with a letter or digit   "
      "[OST-102]\n"
      "plugins.yaml:12:40: plugin 'a b': 'plugins/o.so' could be meant from several places\n"
      "    Write './plugins/o.so' for a file beside the manifest, or an absolute path   [OST-102]\n"
      "plugins.yaml:12:62: plugin 'a b': 'sha256' must be 64 hexadecimal digits, found 'abc'\n    `sha256sum "
      "FILE` prints them   [OST-102]\n"
      "plugins.yaml:7:9: the name 'state' is already used at line 4\n"
      "    Names tell plugins apart in logs and metrics; give each its own   [OST-103]\n");
}

TEST(Manifest, WantsEachKindAsOftenAsItIsUsed) {
  EXPECT_EQ(complaints("manifest: 1\nplugins: []\n"),
            "plugins.yaml:2:10: no plugin of kind 'state'; exactly one is needed   [OST-103]\n"
            "plugins.yaml:2:10: no plugin of kind 'offers'; at least one is needed   [OST-103]\n"
            "plugins.yaml:2:10: no plugin of kind 'http'; exactly one is needed   [OST-103]\n");
  EXPECT_EQ(complaints(with("- {name: s2, kind: state, library: s.so}\n")),
            "plugins.yaml:6:20: plugin 's2': kind 'state' is already filled by 's' at line 3\n    There is "
            "room for one; remove the other   [OST-103]\n");
  EXPECT_EQ(complaints(with("- {name: o2, kind: offers, library: o.so}\n- {name: m, kind: metrics, library: "
                            "m.so}\n- {name: m2, kind: metrics, library: m.so}\n")),
            "");
}

TEST(Manifest, RefusesDuplicateKeys) {
  EXPECT_EQ(complaints(with("- name: m\n  kind: metrics\n  library: m.so\n  kind: metrics\n")),
            "plugins.yaml:9:3: the map has the key 'kind' twice; it stands at line 7 already   [OST-102]\n");
}

TEST(Manifest, SaysWhenItIsNoManifest) {
  EXPECT_EQ(complaints("plugins:\n- {name: x\n"),
            "plugins.yaml:3:1: is not YAML: end of map flow not found   [OST-101]\n");
  EXPECT_EQ(complaints("hello"),
            "plugins.yaml:1:1: is no plugin manifest: expected the keys 'manifest' and 'plugins', found "
            "'hello'   [OST-101]\n");
  EXPECT_EQ(complaints("manifest: 2\nplugins: []\n"),
            "plugins.yaml:1:11: is of format 2; this host reads format 1\n    Use a manifest of format 1 or "
            "a newer host   [OST-101]\n");
  EXPECT_EQ(complaints("a: \xff\n"), "plugins.yaml:1:1: is not UTF-8 text   [OST-101]\n");
  EXPECT_EQ(complaints(with("---\na: 1\n")),
            "plugins.yaml:7:1: holds a second YAML document; one is read   [OST-101]\n");
  EXPECT_EQ(complaints(std::string((1 << 20) + 1, ' ')),
            "plugins.yaml: is larger than 1 MiB, which no plugin manifest is   [OST-101]\n");
  EXPECT_EQ(read_manifest("/nonexistent/plugins.yaml", "/p").problems[0].text(),
            "/nonexistent/plugins.yaml: cannot read the plugin manifest: No such file or directory\n    Name "
            "one with --plugins   [OST-101]");
  EXPECT_EQ(read_manifest("/", "/p").problems[0].text(),
            "/: cannot read the plugin manifest: it is a folder\n    Name one with --plugins   [OST-101]");
}

TEST(Manifest, KeepsLibrariesInTheirFolders) {
  EXPECT_EQ(complaints(with(
                "- {name: m, kind: metrics, library: ./../m.so}\n- {name: n, kind: metrics, library: ''}\n")),
            "plugins.yaml:6:37: plugin 'm': './../m.so' climbs out of its folder\n    Write an absolute path "
            "  [OST-102]\n"
            "plugins.yaml:7:37: plugin 'n': 'library' must name a file, found ''   [OST-102]\n");
}

TEST(Text, GuessesSlipsButNotStrangers) {
  EXPECT_EQ(did_you_mean("libary", {"name", "library"}), "library");
  EXPECT_EQ(did_you_mean("nmae", {"name", "kind"}), "name");
  EXPECT_EQ(did_you_mean("timeout", {"name", "kind"}), "");
}

TEST(Text, KnowsWellFormedUtf8) {
  EXPECT_TRUE(is_utf8("a\u00e4\u20ac\U0001F600"));
  for (const char* bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"})
    EXPECT_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace ostler::plugins
