// Which handler answers a method and path.
//
// Patterns are those of ostler/routes.h: literal and ":name" components, and a last
// "*" that matches one or more components. A literal beats ":name", which beats "*".
// HEAD is served by GET's handler. Not locked: the owner is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "base/result.h"

namespace ostler::api {

// What the pattern's variables matched, in order.
using PathValues = std::vector<std::string_view>;
using Handler = std::function<Response(const Request& request, const PathValues& values)>;

class Router {
 public:
  // Fails with kAlreadyExists, naming both owners, when the method and a pattern that
  // matches the same paths are taken.
  Result<void> add(std::string method, std::string pattern, std::string owner, Handler handler);

  // 404 for an unknown path, 405 with Allow for a known path and another method.
  Response handle(const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> components;
    std::string owner;
    Handler handler;
  };
  std::vector<Route> routes_;  // sorted: those that win come first
};

}  // namespace ostler::api
