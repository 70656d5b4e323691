#include "plugins/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "plugins/text.h"

namespace ostler::plugins {
namespace {

// Remembers where a document's content begins.
class PlaceOfDocument final : public YAML::EventHandler {
 public:
  Position at{};

  void OnDocumentStart(const YAML::Mark& mark) override { note(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { note(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { note(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override {
    note(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    note(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    note(mark);
  }
  void OnMapEnd() override {}

 private:
  // The first event after the document's own has the content's place.
  void note(const YAML::Mark& mark) {
    if (++events_ <= 2) at = {mark.line + 1, mark.column + 1};
  }
  int events_ = 0;
};

// Where a second document begins; line 0 when there is none.
Position second_document(std::string_view text) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  PlaceOfDocument first, second;
  if (!parser.HandleNextDocument(first) || !parser.HandleNextDocument(second)) return {};
  return second.at;
}

// yaml-cpp would replace such bytes silently.
int line_that_is_no_text(std::string_view text) {
  int line = 1;
  for (size_t from = 0; from <= text.size(); ++line) {
    const size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view row = text.substr(from, end - from);
    if (!is_utf8(row) || row.find('\0') != std::string_view::npos) return line;
    from = end + 1;
  }
  return 0;
}

}  // namespace

YamlDocument read_yaml_document(std::string_view text) {
  YamlDocument out;
  if (const int line = line_that_is_no_text(text); line > 0) {
    out.problems.push_back({{line, 1}, "is not UTF-8 text"});
    return out;
  }
  // Not LoadAll(): some broken texts are documents without end to it.
  YAML::Node document;
  Position second;
  try {
    document = YAML::Load(std::string(text));
    second = second_document(text);
  } catch (const YAML::Exception& e) {
    out.problems.push_back({{e.mark.line + 1, e.mark.column + 1}, "is not YAML: " + e.msg});
    return out;
  }
  if (second.line > 0) {
    out.problems.push_back({second, "holds a second YAML document; one is read"});
    return out;
  }
  out.is_readable = true;
  if (document.IsDefined() && !document.IsNull())
    out.value = yaml_to_json(document, out.positions, out.problems);
  return out;
}

}  // namespace ostler::plugins
