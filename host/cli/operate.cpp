#include "cli/operate.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ostler::cli {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using Show = Operation::Show;

constexpr int kExitWrongLine = 64;

struct Verb {
  const char* group;
  const char* verb;       // empty: the group is the command
  const char* arguments;  // for people
  size_t least, most;     // how many
  const char* method;
  const char* path;  // {0}, {1}: arguments
  Show show;
  const char* about;
};

// One line a command: the whole grammar, and the help.
constexpr Verb kVerbs[] = {
    {"plan", "list", "", 0, 0, "GET", "/v1/plans", Show::kNames, "the plans there are"},
    {"plan", "show", "PLAN", 1, 1, "GET", "/v1/plans/{0}", Show::kPlan, "phases, steps and their statuses"},
    {"plan", "start", "PLAN [-p NAME=VALUE]...", 1, 1, "POST", "/v1/plans/{0}/start", Show::kMessage,
     "begin a plan, or begin it anew"},
    {"plan", "stop", "PLAN", 1, 1, "POST", "/v1/plans/{0}/stop", Show::kMessage,
     "pause it and set its steps back"},
    {"plan", "pause", "PLAN [PHASE]", 1, 2, "POST", "/v1/plans/{0}/interrupt", Show::kMessage,
     "begin no further step"},
    {"plan", "resume", "PLAN [PHASE]", 1, 2, "POST", "/v1/plans/{0}/continue", Show::kMessage,
     "go on, or let the next canary step go"},
    {"plan", "restart", "PLAN [PHASE [STEP]]", 1, 3, "POST", "/v1/plans/{0}/restart", Show::kMessage,
     "do steps again: their tasks are launched anew"},
    {"plan", "force-restart", "PLAN [PHASE [STEP]]", 1, 3, "POST", "/v1/plans/{0}/restart", Show::kMessage,
     "the same"},
    {"plan", "force-complete", "PLAN PHASE STEP", 3, 3, "POST", "/v1/plans/{0}/forceComplete", Show::kMessage,
     "take a step for complete"},
    {"pod", "list", "", 0, 0, "GET", "/v1/pod", Show::kNames, "the pod instances there are"},
    {"pod", "status", "[POD]", 0, 1, "GET", "/v1/pod/status", Show::kPods, "their tasks and states"},
    {"pod", "info", "POD", 1, 1, "GET", "/v1/pod/{0}/info", Show::kJson, "all that was sent to Mesos"},
    {"pod", "restart", "POD [--force]", 1, 1, "POST", "/v1/pod/{0}/restart", Show::kJson,
     "launch its tasks anew in place"},
    {"pod", "replace", "POD [--force]", 1, 1, "POST", "/v1/pod/{0}/replace", Show::kJson,
     "launch it anywhere with new volumes; THE DATA OF THE OLD ONES IS DESTROYED"},
    {"pod", "pause", "POD [-t TASK]...", 1, 1, "POST", "/v1/pod/{0}/pause", Show::kJson,
     "run a command that does nothing, to look at it"},
    {"pod", "resume", "POD [-t TASK]...", 1, 1, "POST", "/v1/pod/{0}/resume", Show::kJson, "take that back"},
    {"endpoints", "", "[NAME]", 0, 1, "GET", "/v1/endpoints", Show::kNames, "where clients connect"},
    {"health", "", "", 0, 0, "GET", "/v1/health?verbose=true", Show::kJson, "how it is, and why"},
    {"uninstall", "status", "", 0, 0, "GET", "/v1/uninstall", Show::kJson,
     "what an uninstall still waits for, by agent and reservation"},
    {"uninstall", "abandon", "[AGENT]", 0, 1, "POST", "/v1/uninstall/abandon", Show::kMessage,
     "leave behind what an agent that does not return holds; without AGENT: what all agents that are away "
     "hold"},
};

constexpr const char* kOperateHead =
    "Asks or tells a running scheduler over its HTTP API. Exit codes: 0 done, 1 refused\n"
    "(nothing of that name, or not possible), 3 nothing to be done, 4 no scheduler\n"
    "answers or not now, 64 the command line is wrong.\n\n";
constexpr const char* kOperateTail =
    "\nVariables:\n"
    "  OSTLER_URL    the default of --url\n"
    "  OSTLER_TOKEN  sent as \"Authorization: token=...\", for a scheduler behind DC/OS' Admin Router\n"
    "\nExamples:\n"
    "  ostler plan show deploy\n"
    "  ostler plan start backup -p BUCKET=s3://backups --url http://10.0.0.7:8080\n"
    "  ostler pod pause zookeeper-1 -t server\n";

std::string usage_of(const std::string& group) {
  std::string text = "ostler " + group + "\n\n" + kOperateHead + "Commands:\n";
  for (const Verb& verb : kVerbs) {
    if (group != verb.group) continue;
    std::string line = "  ostler " + group + (verb.verb[0] ? std::string(" ") + verb.verb : "") +
                       (verb.arguments[0] ? std::string(" ") + verb.arguments : "");
    line.resize(std::max<size_t>(line.size() + 2, 52), ' ');
    text += line + verb.about + "\n";
  }
  return text + "\n";
}

Operation leave(std::string text, int code) {
  Operation out;
  out.is_exit = true;
  out.text = std::move(text);
  out.exit_code = code;
  return out;
}

Operation wrong(const std::string& group, const std::string& what) {
  return leave("ostler " + group + ": " + what + "\n`ostler " + group + " --help` shows what there is\n",
               kExitWrongLine);
}

struct Options {
  std::string url;
  std::vector<std::string> parameters, tasks, words;
  bool json = false, force = false, help = false;
  std::string description;
};

Options read_options(const std::vector<std::string>& words, const std::string& url) {
  Options out;
  po::options_description visible("Options");
  visible.add_options()("url", po::value(&out.url)->default_value(url)->value_name("URL"),
                        "the scheduler's API")(
      "param,p", po::value(&out.parameters)->value_name("NAME=VALUE"), "of start: a variable for the steps")(
      "task,t", po::value(&out.tasks)->value_name("TASK"), "of pause and resume: only this one")(
      "force", po::bool_switch(&out.force), "of restart and replace: whatever an advisor says")(
      "json", po::bool_switch(&out.json), "what the scheduler said, as it is")("help,h", "show this");
  std::ostringstream text;
  text << visible;
  out.description = text.str();
  po::options_description all;
  all.add(visible).add_options()("word", po::value(&out.words));
  po::positional_options_description positional;
  positional.add("word", -1);
  constexpr int kStrict = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  po::store(po::command_line_parser(words).options(all).positional(positional).style(kStrict).run(), values);
  po::notify(values);
  out.help = values.count("help") != 0;
  return out;
}

std::string filled(std::string path, const std::vector<std::string>& arguments) {
  const size_t at = path.find("{0}");
  if (at != std::string::npos) path.replace(at, 3, url_encode(arguments.at(0)));
  return path;
}

// What depends on more than the table says: optional arguments and bodies.
std::string finish(const Verb& verb, const Options& options, const std::vector<std::string>& arguments,
                   Operation& out) {
  const std::string name = std::string(verb.group) + " " + verb.verb;
  std::string path = filled(verb.path, arguments);
  if (name.starts_with("plan ") && arguments.size() > 1) path += "?phase=" + url_encode(arguments[1]);
  if (name.starts_with("plan ") && arguments.size() > 2) path += "&step=" + url_encode(arguments[2]);
  if (name == "pod status" && !arguments.empty()) path = "/v1/pod/" + url_encode(arguments[0]) + "/status";
  if (name == "uninstall abandon" && !arguments.empty()) path += "?agent=" + url_encode(arguments[0]);
  if (name == "endpoints " && !arguments.empty()) {
    path += "/" + url_encode(arguments[0]);
    out.show = Show::kJson;
  }
  if (name == "plan start") {
    Json body = Json::object();
    for (const std::string& one : options.parameters) {
      const size_t equals = one.find('=');
      if (equals == std::string::npos || equals == 0) return "-p: found '" + one + "', expected NAME=VALUE";
      body[one.substr(0, equals)] = one.substr(equals + 1);
    }
    out.call.body = body.dump();
  } else if (!options.parameters.empty()) {
    return "-p belongs to `plan start`";
  }
  if (name == "pod pause" || name == "pod resume") {
    out.call.body = Json(options.tasks).dump();
  } else if (!options.tasks.empty()) {
    return "-t belongs to `pod pause` and `pod resume`";
  }
  if (name == "pod restart" || name == "pod replace") {
    if (options.force) path += "?force=true";
  } else if (options.force) {
    return "--force belongs to `pod restart` and `pod replace`";
  }
  out.call.url = options.url + path;
  return {};
}

}  // namespace

bool is_operation(const std::string& command) {
  return std::any_of(std::begin(kVerbs), std::end(kVerbs),
                     [&](const Verb& verb) { return command == verb.group; });
}

Operation parse_operation(const std::vector<std::string>& words,
                          const std::map<std::string, std::string>& environment) {
  const auto variable = [&](const char* name, const char* fallback) {
    const auto found = environment.find(name);
    return found == environment.end() || found->second.empty() ? std::string(fallback) : found->second;
  };
  const std::string& group = words.front();
  Options options;
  try {
    options = read_options({words.begin() + 1, words.end()}, variable("OSTLER_URL", "http://127.0.0.1:8080"));
  } catch (const po::error& error) {
    return wrong(group, error.what());
  }
  if (options.help) return leave(usage_of(group) + options.description + kOperateTail, 0);
  while (options.url.ends_with('/')) options.url.pop_back();
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://"))
    return wrong(group, "--url: found '" + options.url + "', expected http://HOST:PORT or https://...");

  std::string known;
  for (const Verb& verb : kVerbs) {
    if (group != verb.group) continue;
    known += (known.empty() ? "" : ", ") + std::string(verb.verb);
    const bool has_verb = verb.verb[0] != '\0';
    if (has_verb && (options.words.empty() || options.words.front() != verb.verb)) continue;
    const std::vector<std::string> arguments(options.words.begin() + (has_verb ? 1 : 0), options.words.end());
    const std::string command = group + (has_verb ? std::string(" ") + verb.verb : "");
    if (arguments.size() < verb.least || arguments.size() > verb.most) {
      return wrong(group, "found " + std::to_string(arguments.size()) + " arguments of `" + command +
                              "`, expected: " + (verb.arguments[0] ? verb.arguments : "none"));
    }
    Operation out;
    out.show = verb.show;
    out.as_json = options.json;
    out.subject = arguments.empty() ? "" : arguments[0];
    out.call.method = verb.method;
    out.call.token = variable("OSTLER_TOKEN", "");
    const std::string problem = finish(verb, options, arguments, out);
    return problem.empty() ? out : wrong(group, problem);
  }
  return wrong(group, (options.words.empty() ? "found nothing" : "found '" + options.words.front() + "'") +
                          std::string(", expected one of ") + known);
}

int run_operation(const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& environment) {
  const Operation operation = parse_operation(words, environment);
  if (operation.is_exit) {
    (operation.exit_code == 0 ? std::cout : std::cerr) << operation.text;
    return operation.exit_code;
  }
  const Printed printed = print_answer(operation, call_http(operation.call));
  std::cout << printed.out;
  std::cerr << printed.error;
  return printed.exit_code;
}

}  // namespace ostler::cli
