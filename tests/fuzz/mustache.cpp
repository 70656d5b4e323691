// Both flavours of the renderer; the input is also its own partial.
#include "spec/mustache.h"

#include "fuzz.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(mustache) {
  mustache::Value::Map inner;
  inner.emplace("a", mustache::Value{std::string("<&\"'=`>")});
  mustache::Value::Map map;
  map.emplace("t", mustache::Value{true});
  map.emplace("f", mustache::Value{false});
  map.emplace("s", mustache::Value{std::string("text\twith\n\"quotes\"")});
  map.emplace("e", mustache::Value{std::string()});
  map.emplace("m", mustache::Value{inner});
  map.emplace("l", mustache::Value{mustache::Value::List{{true}, {inner}, {std::string("x")}}});
  const mustache::Value values{std::move(map)};
  for (const auto flavour : {mustache::Flavour::kServiceSpec, mustache::Flavour::kBootstrap}) {
    mustache::Options options;
    options.flavour = flavour;
    options.max_output_bytes = 1 << 16;
    options.max_depth = 16;
    options.partial = [&](std::string_view) {
      return std::optional<std::string>(input.substr(input.size() / 2));
    };
    const auto rendered = mustache::render(input, values, options);
    if (!rendered.ok()) {
      fuzz::require(!rendered.error().message.empty(), "an error without words");
      continue;
    }
    fuzz::require(rendered->text.size() <= 2 * options.max_output_bytes + input.size(),
                  "more output than allowed");
    for (int line = 1; line < 6; ++line) {
      const mustache::Place place = rendered->origin(line, line * 7);
      fuzz::require(place.line >= 1 && place.column >= 1, "a place that is none");
    }
  }
}
