// One table of flags; the usage text and the parser both read it.
#include "bootstrap/options.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <variant>

namespace ostler::bootstrap {
namespace {

using Member = std::variant<bool Options::*, std::string Options::*, uint64_t Options::*,
                            std::chrono::milliseconds Options::*>;

struct Flag {
  const char* name;
  Member member;
  const char* about;
};

const Flag kFlags[] = {
    {"verbose", &Options::verbose, "log more (default false)"},
    {"print-env", &Options::print_env, "print the environment; secrets are masked (default true)"},
    {"resolve", &Options::resolve, "wait until host names resolve (default true)"},
    {"self-resolve", &Options::self_resolve,
     "wait until the task's own name resolves to its own address (default true)"},
    {"resolve-hosts", &Options::resolve_hosts,
     "host names to wait for, with commas (default <TASK_NAME>.<FRAMEWORK_HOST>)"},
    {"resolve-timeout", &Options::resolve_timeout, "how long to wait for names; 0 is no limit (default 5m)"},
    {"template", &Options::render_templates, "render the CONFIG_TEMPLATE_* files (default true)"},
    {"template-max-bytes", &Options::template_max_bytes,
     "the largest template; 0 is no limit (default 1048576)"},
    {"install-certs", &Options::install_certs,
     "import .ssl/ca-bundle.crt or .ssl/ca.crt into Java's trust store (default true)"},
    {"insecure", &Options::insecure, "accepted for compatibility (default false)"},
    {"get-task-ip", &Options::get_task_ip, "print the task's address and exit (default false)"},
    {"zk-ready", &Options::zk_ready, "exit with 0 if the ZooKeeper server at host:port serves in a quorum"},
    {"zk-metrics", &Options::zk_metrics,
     "send the metrics of the ZooKeeper server at host:port to statsd, until stopped"},
    {"zk-timeout", &Options::zk_timeout, "how long a ZooKeeper server may take to answer (default 5s)"},
    {"zk-metrics-interval", &Options::zk_metrics_interval, "how often metrics are sent (default 10s)"},
    {"help", &Options::help, "print this text"},
    {"h", &Options::help, "the same"},
};

Error refused(const Flag& flag, const std::string& value, const char* expected) {
  return {Code::kInvalidArgument, "found '" + value + "', expected " + expected,
          std::string("-") + flag.name};
}

bool parse_flag_value(const std::string& text, bool& into) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return into = true;
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) {
      into = false;
      return true;
    }
  }
  return false;
}

struct Assign {
  Options& options;
  const Flag& flag;
  const std::string& value;

  std::optional<Error> operator()(bool Options::*member) const {
    if (parse_flag_value(value, options.*member)) return std::nullopt;
    return refused(flag, value, "true or false");
  }
  std::optional<Error> operator()(std::string Options::*member) const {
    options.*member = value;
    return std::nullopt;
  }
  std::optional<Error> operator()(uint64_t Options::*member) const {
    const char* end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, options.*member);
    if (parsed.ec == std::errc() && parsed.ptr == end) return std::nullopt;
    return refused(flag, value, "a whole number of 0 or more");
  }
  std::optional<Error> operator()(std::chrono::milliseconds Options::*member) const {
    auto duration = parse_duration(value);
    if (!duration) return refused(flag, value, "a duration such as 5m, 90s or 0");
    options.*member = *duration;
    return std::nullopt;
  }
};

}  // namespace

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  const Error error{
      Code::kInvalidArgument, "found '" + text + "', expected a duration such as 5m, 90s or 0", {}};
  if (text == "0") return std::chrono::milliseconds(0);
  if (text.empty()) return error;
  double total_ms = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    double number = 0;
    const auto parsed = std::from_chars(at, end, number, std::chars_format::fixed);
    if (parsed.ec != std::errc() || number < 0) return error;
    at = parsed.ptr;
    const char* unit_end = at;
    while (unit_end < end && *unit_end >= 'a' && *unit_end <= 'z') ++unit_end;
    const std::string_view unit(at, static_cast<size_t>(unit_end - at));
    double factor = 0;
    if (unit == "h") factor = 3'600'000;
    if (unit == "m") factor = 60'000;
    if (unit == "s") factor = 1000;
    if (unit == "ms") factor = 1;
    if (unit == "us") factor = 1e-3;
    if (unit == "ns") factor = 1e-6;
    if (factor == 0) return error;
    total_ms += number * factor;
    at = unit_end;
  }
  // A thousand years; what is longer is a slip of the pen.
  if (!(total_ms < 3.2e13)) return error;
  // A wait that was asked for must not round down to "no limit".
  return std::chrono::milliseconds(static_cast<int64_t>(std::ceil(total_ms)));
}

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const auto unexpected = [&](const char* what) {
      return Error{Code::kInvalidArgument, std::string("found ") + what + ", expected a flag (see -help)",
                   argument};
    };
    if (argument.size() < 2 || argument[0] != '-' || argument == "--") return unexpected("an argument");
    std::string name = argument.substr(argument[1] == '-' ? 2 : 1);
    std::optional<std::string> value;
    if (const size_t equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const Flag* flag = nullptr;
    for (const Flag& known : kFlags) {
      if (name == known.name) flag = &known;
    }
    if (!flag) return unexpected("an unknown flag");
    if (!value) {
      if (std::holds_alternative<bool Options::*>(flag->member)) {
        value = "true";
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      } else {
        return Error{Code::kInvalidArgument, "found no value, expected one", std::string("-") + flag->name};
      }
    }
    if (auto error = std::visit(Assign{options, *flag, *value}, flag->member)) return *error;
  }
  return options;
}

std::string usage() {
  std::string text =
      "Usage: bootstrap [-flag[=value] ...]\n\nPrepares a task's sandbox: waits for its name, renders its "
      "config files.\n\n";
  for (const Flag& flag : kFlags)
    text.append("  -").append(flag.name).append("\n        ").append(flag.about).append("\n");
  return text;
}

}  // namespace ostler::bootstrap
