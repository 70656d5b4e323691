#include "api/router.h"

#include <algorithm>

namespace ostler::api {
namespace {

// Empty components are kept, so "/v1//plans" and "/v1/plans/" are other paths than "/v1/plans".
template <typename Text>
std::vector<Text> split(std::string_view path) {
  std::vector<Text> parts;
  while (true) {
    path.remove_prefix(1);  // the slash
    const size_t slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash);
  }
}

// 0 literal, 1 ":name", 2 "*": smaller wins.
int rank(const std::string& component) {
  if (component == "*") return 2;
  return component.starts_with(':') ? 1 : 0;
}

// Orders patterns component by component: by rank, literals by their text.
int compare(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const int by_rank = rank(a[i]) - rank(b[i]); by_rank != 0) return by_rank;
    if (const int by_text = rank(a[i]) == 0 ? a[i].compare(b[i]) : 0; by_text != 0) return by_text;
  }
  return static_cast<int>(a.size()) - static_cast<int>(b.size());
}

bool matches(const std::vector<std::string>& pattern, std::string_view path,
             const std::vector<std::string_view>& parts, PathValues& values) {
  values.clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (i >= parts.size()) return false;
    if (pattern[i] == "*") {
      values.push_back(path.substr(static_cast<size_t>(parts[i].data() - path.data())));
      return !values.back().empty();
    }
    if (pattern[i].starts_with(':')) {
      if (parts[i].empty()) return false;
      values.push_back(parts[i]);
    } else if (pattern[i] != parts[i]) {
      return false;
    }
  }
  return pattern.size() == parts.size();
}

}  // namespace

Result<void> Router::add(std::string method, std::string pattern, std::string owner, Handler handler) {
  if (!pattern.starts_with('/')) {
    return Error{Code::kInvalidArgument,
                 "the route '" + pattern + "' of " + owner + " does not start with '/'", ""};
  }
  std::vector<std::string> components = split<std::string>(pattern);
  auto at = routes_.begin();
  for (; at != routes_.end() && compare(at->components, components) <= 0; ++at) {
    if (at->method == method && compare(at->components, components) == 0) {
      return Error{Code::kAlreadyExists,
                   "the route " + method + " " + pattern + " of " + owner + " is taken by " + at->owner +
                       " (" + at->pattern + ")",
                   ""};
    }
  }
  routes_.insert(at, {std::move(method), std::move(pattern), std::move(components), std::move(owner),
                      std::move(handler)});
  return {};
}

Response Router::handle(const Request& request) const {
  if (!request.path.starts_with('/')) return text_response(400, "the path does not start with '/'");
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  const auto parts = split<std::string_view>(request.path);
  PathValues values;
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    if (!matches(route.components, request.path, parts, values)) continue;
    if (route.method == method) return route.handler(request, values);
    allowed.push_back(route.method);
    if (route.method == "GET") allowed.push_back("HEAD");
  }
  if (allowed.empty()) return not_found("Path", request.path);

  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  std::string list;
  for (const std::string& name : allowed) list += (list.empty() ? "" : ", ") + name;
  Response response = text_response(405, "this path answers " + list + " only");
  response.headers.emplace_back("Allow", list);
  return response;
}

}  // namespace ostler::api
