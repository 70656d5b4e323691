#include "cli/preview.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "cli/http_client.h"
#include "spec/load.h"
#include "spec/spec_json.h"

namespace ostler::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kRefused = 1, kNotAsked = 2;
constexpr std::chrono::seconds kTimeout{30};

// The body of a 200; the error names the URL and what came instead.
Result<std::string> post(const std::string& url, const std::string& json) {
  const HttpAnswer answer = call_http({"POST", url, json, {}, kTimeout});
  if (answer.status == 200) return answer.body;
  if (answer.status == 0) return Error{Code::kUnavailable, url + ": " + answer.error, {}};
  std::string text = url + ": HTTP status " + std::to_string(answer.status) + ": " + answer.body;
  if (answer.status == 413) {
    text += " (the specification has " + std::to_string(json.size()) +
            " bytes; raise max_request_bytes of the http plugin in plugins.yaml)";
  }
  return Error{Code::kInternal, std::move(text), {}};
}

std::string joined(const Json& items) {
  std::string text;
  for (const Json& item : items) text += (text.empty() ? "" : ", ") + item.get<std::string>();
  return text;
}

std::string counted(size_t count, const char* one, const char* more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

}  // namespace

std::string preview_text(const std::string& reply_json) {
  const Json reply = Json::parse(reply_json);
  const auto text = [](const Json& object, const char* key) { return object.at(key).get<std::string>(); };
  std::string out;
  const Json& differences = reply.at("differences");
  const Json& steps = reply.at("steps");
  if (!reply.at("accepted").get<bool>()) {
    out += "would be refused, and nothing would change:\n";
    for (const Json& one : reply.at("objections")) {
      out += "  " + text(one, "field") + ": ";
      if (one.contains("before")) out += "'" + text(one, "before") + "' => ";
      out += "'" + text(one, "after") + "': " + text(one, "message") + " (" + text(one, "validator") + ")\n";
    }
  } else if (!reply.at("isChange").get<bool>() && steps.empty()) {
    out += "nothing would change: this configuration is in force\n";
  } else {
    out += "would be accepted: " + counted(differences.size(), "field changes", "fields change") + ", " +
           counted(steps.size(), "step", "steps") + "\n";
  }
  if (!differences.empty()) out += "changes:\n";
  for (const Json& one : differences) {
    out += "  " + text(one, "field") + ": '" + text(one, "before") + "' => '" + text(one, "after") + "' (" +
           text(one, "impact") + ")\n";
  }
  if (!steps.empty()) out += "steps, in this order; those with the same number go side by side:\n";
  for (const Json& one : steps) {
    const std::string phase = one.contains("phase") ? " " + text(one, "phase") : std::string();
    out += "  " + std::to_string(one.at("turn").get<int>()) + ". " + text(one, "plan") + phase + " " +
           text(one, "step") + "\n";
    for (const Json& why : one.at("why")) out += "       because " + why.get<std::string>() + "\n";
    if (one.contains("advice")) out += "       first " + text(one, "advice") + "\n";
    for (const Json& operation : one.at("operations"))
      out += "       " + text(operation, "type") + " " + joined(operation.at("what")) + "\n";
    for (const Json& grows : one.at("grows")) out += "       grows " + grows.get<std::string>() + "\n";
    const Json& fits = one.at("fits");
    const std::string verdict = fits.is_null() ? "unknown" : fits.get<bool>() ? "yes" : "no";
    if (!text(one, "offers").empty()) out += "       fits: " + verdict + ": " + text(one, "offers") + "\n";
  }
  if (reply.at("hasMoreSteps").get<bool>()) out += "  and more steps\n";
  if (!text(reply, "then").empty()) out += text(reply, "then") + "\n";
  if (!steps.empty()) out += "offers: " + text(reply, "offers") + "\n";
  return out;
}

int run_preview(const PreviewArguments& arguments, const std::map<std::string, std::string>& env) {
  std::vector<spec::Problem> problems;
  std::map<std::string, std::string> variables = env;
  if (!arguments.env_file.empty()) {
    spec::EnvironmentFile file = spec::read_env_file(arguments.env_file);
    problems = std::move(file.problems);
    variables = std::move(file.env);
  }
  const spec::LoadResult loaded = spec::load_service({arguments.service_file, variables, false});
  problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
  for (const spec::Problem& problem : problems) std::cout << problem.text() << '\n';
  if (!problems.empty() || !loaded.spec) return kRefused;

  std::string url = arguments.url;
  while (url.ends_with('/')) url.pop_back();
  const Result<std::string> reply = post(url + "/v1/configurations/preview", spec::to_json(*loaded.spec));
  if (!reply.ok()) {
    std::cerr << "ostler preview: " << reply.error().message << '\n';
    return kNotAsked;
  }
  try {
    const Json parsed = Json::parse(*reply);
    std::cout << (arguments.output == "json" ? parsed.dump(2) + "\n" : preview_text(*reply));
    return parsed.at("accepted").get<bool>() ? 0 : kRefused;
  } catch (const nlohmann::json::exception& error) {
    std::cerr << "ostler preview: " << url << " answers something else: " << error.what() << '\n';
    return kNotAsked;
  }
}

}  // namespace ostler::cli
