#include "cli/command_line.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <sstream>

namespace ostler::cli {
namespace {

namespace po = boost::program_options;

constexpr int kExitUsage = 64;
constexpr const char* kVersion = "ostler " OSTLER_VERSION " (plugin ABI 1.0)";

constexpr const char* kHelp = R"(ostler - a Mesos scheduler for stateful services

Usage:
  ostler run   [--env FILE] [--plugins FILE] [SVC.YML]   deploy a service and keep it running
  ostler check [--env FILE] SVC.YML                      say everything that is wrong with a svc.yml
  ostler preview --url URL [--env FILE] SVC.YML          say what a change would do to a running service
  ostler plan | pod | endpoints | health | uninstall     ask or tell a running scheduler
  ostler why   [--url URL] [POD]                         say why what waits, waits
  ostler --help | --version

Examples:
  OSTLER_MASTER=10.0.0.5:5050 ostler run --env defaults.env
      the ZooKeeper ensemble that comes with ostler, on that Mesos master
  ostler run --plugins /etc/ostler/plugins.yaml my-service/svc.yml
      another service, with state, secrets, metrics and HTTP by the plugins named there
  ostler preview --url http://10.0.0.7:8080 --env changed.env svc.yml
      which tasks would be launched anew, in which order, and is there room?
  ostler check --env production.env --strict svc.yml
      is it complete and correct, with these variables?

`ostler COMMAND --help` says more about a command.
)";

constexpr const char* kRunHelp = R"(ostler run [OPTIONS] [SVC.YML]

Registers with Mesos and deploys the service of SVC.YML, rendered with the
environment. Ends with SIGTERM; tasks go on running, and the next start goes on
where this one stopped. Exit codes are the DC/OS SDK's: 0 stopped, 1 the service
or its state cannot be used, 6 refused by Mesos, 8 another scheduler owns the
state, 9 the API's port is taken; and 69, 70, 78 for plugins.

)";

constexpr const char* kRunExamples = R"(
Variables (all others go to svc.yml):
  OSTLER_MASTER   Mesos masters, "host:port,host:port" (leader.mesos:5050)
  OSTLER_API_HOST the name or address under which tasks reach the API
  OSTLER_STATE_DIR where the embedded store lies (/var/lib/ostler)
  PORT_API        the API's port (8080; 0: any)

Examples:
  OSTLER_MASTER=127.0.0.1:5050 BOOTSTRAP_URI=http://files/bootstrap \
      ostler run --env /usr/local/share/ostler/service/defaults.env
  ostler run --plugins ./plugins-zookeeper.yaml --log-level debug svc.yml
)";

constexpr const char* kCheckHelp = R"(ostler check [OPTIONS] SVC.YML

Renders SVC.YML, reads it and builds its plans, as `ostler run` would, and shows
every problem with file, line, column and key. Exit code 0: it can be deployed;
the specification is printed as JSON with -o json. Exit code 1: it cannot.

)";

constexpr const char* kCheckExamples = R"(
Examples:
  ostler check svc.yml
  ostler check --env defaults.env --strict -o json svc.yml
)";

constexpr const char* kPreviewHelp = R"(ostler preview [OPTIONS] SVC.YML

Shows what would happen if the scheduler at URL were started with this SVC.YML:
which fields change, which rules object, which pods are launched anew, why, in
which order and by which operations, and whether the agents' last known offers
have room for it. Nothing changes. The variables must be those that the scheduler
would get. Exit code 0: it would be accepted. 1: it would be refused, or SVC.YML is
wrong. 2: the scheduler could not be asked.

)";

constexpr const char* kPreviewExamples = R"(
Examples:
  ostler preview --url http://10.0.0.7:8080 --env changed.env svc.yml
  ostler preview --url http://10.0.0.7:8080 --env changed.env -o json svc.yml
)";

constexpr const char* kWhyHelp = R"(ostler why [OPTIONS] [POD]

Asks a running scheduler why the steps of its plans wait, or those of one pod
instance: how many agents lack what, which one is nearest to fitting and by how
much, what must end first, and how it was in the minutes before. Exit code 0:
nothing waits. 2: something does. 1: the scheduler could not be asked.

)";

constexpr const char* kWhyExamples = R"(
Examples:
  ostler why --url http://127.0.0.1:8080
  ostler why zookeeper-2 -o json
)";

// program_options would take "--por 99" for --port, and swallow stray words.
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

CommandLine exit_with(std::string text, int code) {
  CommandLine out;
  out.text = std::move(text);
  out.exit_code = code;
  return out;
}

CommandLine usage_error(const std::string& command, const std::string& what) {
  return exit_with(
      "ostler " + command + ": " + what + "\n`ostler " + command + " --help` shows what there is\n",
      kExitUsage);
}

std::string describe(const char* head, const po::options_description& options, const char* tail) {
  std::ostringstream text;
  text << head << options << tail;
  return text.str();
}

po::variables_map parse(const std::vector<std::string>& words, const po::options_description& visible) {
  po::options_description all;
  all.add(visible).add_options()("file", po::value<std::string>());
  po::positional_options_description positional;
  positional.add("file", 1);
  po::variables_map values;
  po::store(po::command_line_parser(words).options(all).positional(positional).style(kStyle).run(), values);
  po::notify(values);
  return values;
}

bool is_one_of(const std::string& value, std::initializer_list<const char*> allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const char* one) { return value == one; });
}

CommandLine parse_run(const std::vector<std::string>& words, const std::string& share_dir,
                      const std::string& plugin_dir) {
  CommandLine out;
  out.command = CommandLine::Command::kRun;
  RunArguments& run = out.run;
  int64_t lock_timeout = 30;
  po::options_description options("Options");
  options.add_options()(
      "plugins",
      po::value(&run.manifest_file)->default_value(share_dir + "/plugins.yaml")->value_name("FILE"),
      "the plugin manifest")("env", po::value(&run.env_file)->value_name("FILE"),
                             "KEY=value lines; variables of this process come before them")(
      "plugin-dir", po::value(&run.plugin_dir)->default_value(plugin_dir)->value_name("DIR"),
      "where bare library names are looked for")(
      "lock-timeout", po::value(&lock_timeout)->default_value(30)->value_name("SECONDS"),
      "how long to wait for another scheduler of the same service to leave")(
      "log-level", po::value(&run.log_level)->value_name("LEVEL"),
      "debug, info, warning or error (the variable OSTLER_LOG_LEVEL, else info)")(
      "log-format", po::value(&run.log_format)->default_value("auto")->value_name("FORMAT"),
      "text, json, or auto: text on a terminal")("help,h", "show this");
  const po::variables_map values = parse(words, options);
  if (values.count("help")) return exit_with(describe(kRunHelp, options, kRunExamples), 0);
  run.service_file = values.count("file") ? values["file"].as<std::string>() : share_dir + "/service/svc.yml";
  if (lock_timeout < 0 || lock_timeout > 86400)
    return usage_error(
        "run", "--lock-timeout: found " + std::to_string(lock_timeout) + ", expected 0 to 86400 seconds");
  run.lock_timeout = std::chrono::seconds(lock_timeout);
  if (!is_one_of(run.log_level, {"", "debug", "info", "warning", "error"})) {
    return usage_error("run",
                       "--log-level: found '" + run.log_level + "', expected debug, info, warning or error");
  }
  if (!is_one_of(run.log_format, {"auto", "text", "json"})) {
    return usage_error("run", "--log-format: found '" + run.log_format + "', expected auto, text or json");
  }
  return out;
}

CommandLine parse_check(const std::vector<std::string>& words) {
  CommandLine out;
  out.command = CommandLine::Command::kCheck;
  CheckArguments& check = out.check;
  po::options_description options("Options");
  options.add_options()("env", po::value(&check.env_file)->value_name("FILE"),
                        "KEY=value lines to render with, instead of this process's environment")(
      "output,o", po::value(&check.output)->default_value("text")->value_name("FORMAT"), "text or json")(
      "strict", po::bool_switch(&check.strict), "a {{NAME}} without a value is a problem")("help,h",
                                                                                           "show this");
  const po::variables_map values = parse(words, options);
  if (values.count("help")) return exit_with(describe(kCheckHelp, options, kCheckExamples), 0);
  if (!values.count("file")) return usage_error("check", "found no file, expected the path of a svc.yml");
  check.service_file = values["file"].as<std::string>();
  if (!is_one_of(check.output, {"text", "json"})) {
    return usage_error("check", "--output: found '" + check.output + "', expected text or json");
  }
  return out;
}

CommandLine parse_preview(const std::vector<std::string>& words) {
  CommandLine out;
  out.command = CommandLine::Command::kPreview;
  PreviewArguments& preview = out.preview;
  po::options_description options("Options");
  options.add_options()("url", po::value(&preview.url)->value_name("URL"),
                        "the scheduler's API, as its log names it")(
      "env", po::value(&preview.env_file)->value_name("FILE"),
      "KEY=value lines to render with, instead of this process's environment")(
      "output,o", po::value(&preview.output)->default_value("text")->value_name("FORMAT"), "text or json")(
      "help,h", "show this");
  const po::variables_map values = parse(words, options);
  if (values.count("help")) return exit_with(describe(kPreviewHelp, options, kPreviewExamples), 0);
  if (!values.count("file")) return usage_error("preview", "found no file, expected the path of a svc.yml");
  preview.service_file = values["file"].as<std::string>();
  if (!preview.url.starts_with("http://") && !preview.url.starts_with("https://")) {
    return usage_error("preview", "--url: found '" + preview.url + "', expected http://HOST:PORT of the API");
  }
  if (!is_one_of(preview.output, {"text", "json"})) {
    return usage_error("preview", "--output: found '" + preview.output + "', expected text or json");
  }
  return out;
}

CommandLine parse_why(const std::vector<std::string>& words) {
  CommandLine out;
  out.command = CommandLine::Command::kWhy;
  WhyArguments& why = out.why;
  po::options_description options("Options");
  options.add_options()("url", po::value(&why.url)->default_value("http://127.0.0.1:8080")->value_name("URL"),
                        "where the scheduler's API is")(
      "output,o", po::value(&why.output)->default_value("text")->value_name("FORMAT"), "text or json")(
      "help,h", "show this");
  const po::variables_map values = parse(words, options);
  if (values.count("help")) return exit_with(describe(kWhyHelp, options, kWhyExamples), 0);
  if (values.count("file")) why.pod = values["file"].as<std::string>();
  const bool is_pod = std::all_of(why.pod.begin(), why.pod.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (!is_pod)
    return usage_error("why", "found '" + why.pod + "', expected a pod instance such as zookeeper-0");
  if (!why.url.starts_with("http://") && !why.url.starts_with("https://")) {
    return usage_error("why", "--url: found '" + why.url + "', expected http://HOST:PORT");
  }
  while (why.url.ends_with('/')) why.url.pop_back();
  if (!is_one_of(why.output, {"text", "json"})) {
    return usage_error("why", "--output: found '" + why.output + "', expected text or json");
  }
  return out;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments, const std::string& share_dir,
                               const std::string& plugin_dir) {
  if (arguments.empty()) return exit_with(kHelp, kExitUsage);
  const std::string& command = arguments.front();
  if (is_one_of(command, {"--help", "-h", "help"})) return exit_with(kHelp, 0);
  if (is_one_of(command, {"--version", "version"})) return exit_with(std::string(kVersion) + "\n", 0);
  const std::vector<std::string> words(arguments.begin() + 1, arguments.end());
  try {
    if (command == "run") return parse_run(words, share_dir, plugin_dir);
    if (command == "check") return parse_check(words);
    if (command == "preview") return parse_preview(words);
    if (command == "why") return parse_why(words);
  } catch (const po::error& error) {
    return usage_error(command, error.what());
  }
  return exit_with("ostler: there is no command '" + command +
                       "'; there are run, check, preview, plan, pod, endpoints, health, uninstall and why\n`ostler --help` "
                       "shows examples\n",
                   kExitUsage);
}

}  // namespace ostler::cli
