#include "core/config_templates.h"

#include "spec/utf8.h"

namespace ostler::core {
namespace {

// "data-dir.conf" -> "DATA_DIR_CONF".
std::string as_variable(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    out += !word ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

bool can_be_carried(const std::string& text) {
  return text.size() <= kMaxCarriedTemplate && !spec::find_bad_text(text);
}

mesos::Uri template_uri(const TaskRequest& r, const spec::ConfigFile& config, const std::string& file) {
  mesos::Uri fetch;
  fetch.value = "http://" + r.settings.api_hostname + ":" + std::to_string(r.settings.api_port) +
                "/v1/artifacts/template/" + r.config_id + "/" + r.pod.type + "/" + r.task.name + "/" +
                config.name;
  fetch.extract = false;
  fetch.output_file = file;
  return fetch;
}

}  // namespace

void add_config_templates(const TaskRequest& r, std::map<std::string, std::string>& environment,
                          mesos::CommandInfo& command) {
  std::string write, unset;
  size_t carried = 0;
  for (const spec::ConfigFile& config : r.task.configs) {
    const std::string variable = as_variable(config.name);
    const std::string file = "config-templates/" + config.name;
    environment["CONFIG_TEMPLATE_" + variable] = file + "," + config.dest;
    // Two names may differ only in what a variable's name cannot hold.
    const std::string text = "OSTLER_TEMPLATE_" + variable;
    if (!can_be_carried(config.content) || carried + config.content.size() > kMaxCarriedTemplates ||
        environment.contains(text)) {
      command.uris.push_back(template_uri(r, config, file));
      continue;
    }
    carried += config.content.size();
    environment[text] = config.content;
    write += " && printf %s \"$" + text + "\" >" + quoted(file);
    unset += " " + text;
  }
  if (write.empty()) return;
  command.value = "mkdir -p config-templates" + write + " && unset" + unset + " || exit 1\n" + command.value;
}

}  // namespace ostler::core
