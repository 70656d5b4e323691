// An OFFERS event as DC/OS agents cause it: about 1.4 KB an offer. Three attributes, a
// fault domain, cpus, mem, disk, six port ranges and two executors; every tenth has our
// reservation with a volume as well.
#pragma once

#include <cstdio>
#include <string>

namespace ostler::bench {

inline constexpr const char* kFrameworkId = "11a27ff6-3f53-41b8-9253-177796827cfb-0000";

inline void add_scalar(std::string& out, const char* name, double value, const char* more = "") {
  char text[512];
  std::snprintf(
      text, sizeof text,
      R"({"allocation_info":{"role":"zk-role"},%s"name":"%s","scalar":{"value":%.1f},"type":"SCALAR"},)",
      more, name, value);
  out += text;
}

inline std::string offer(int i) {
  char text[1024];
  std::snprintf(
      text, sizeof text,
      R"({"agent_id":{"value":"11a27ff6-3f53-41b8-9253-177796827cfb-S%d"},"allocation_info":{"role":"zk-role"},)"
      R"("attributes":[{"name":"rack","text":{"value":"r%d"},"type":"TEXT"},)"
      R"({"name":"speed","scalar":{"value":2.5},"type":"SCALAR"},{"name":"os","text":{"value":"linux"},"type":"TEXT"}],)"
      R"("domain":{"fault_domain":{"region":{"name":"region-1"},"zone":{"name":"zone-%d"}}},)"
      R"("executor_ids":[{"value":"zookeeper-%d__3f1c6f4a-8f5b-4d57-9a43-5a1f9b1f7a11"},{"value":"zookeeper-%d__8a0e1d51-cf20-4d0c-b8a5-0b6e4f0f8c22"}],)"
      R"("framework_id":{"value":"11a27ff6-3f53-41b8-9253-177796827cfb-0000"},"hostname":"agent-%d.example.org",)"
      R"("id":{"value":"11a27ff6-3f53-41b8-9253-177796827cfb-O%d"},"resources":[)",
      i, i % 40, i % 3, i, i, i, i);
  std::string out = text;
  add_scalar(out, "cpus", 7.9);
  add_scalar(out, "mem", 30123.0);
  add_scalar(out, "disk", 122880.0);
  if (i % 10 == 0) {
    add_scalar(
        out, "disk", 2048.0,
        R"("disk":{"persistence":{"id":"v-1","principal":"p"},"volume":{"container_path":"data","mode":"RW"}},)"
        R"("reservations":[{"labels":{"labels":[{"key":"resource_id","value":"0b1c2d3e"}]},"principal":"p",)"
        R"("role":"zk-role","type":"DYNAMIC"}],)");
  }
  out +=
      R"({"allocation_info":{"role":"zk-role"},"name":"ports","ranges":{"range":[{"begin":1025,"end":2180},)"
      R"({"begin":2182,"end":3887},{"begin":3889,"end":5049},{"begin":5052,"end":8079},{"begin":8082,"end":8180},)"
      R"({"begin":8182,"end":32000}]},"type":"RANGES"}],)";
  std::snprintf(
      text, sizeof text,
      R"x("url":{"address":{"hostname":"agent-%d.example.org","ip":"10.0.%d.%d","port":5051},"path":"\/slave(1)",)x"
      R"("scheme":"http"}})",
      i, i / 250, i % 250);
  return out + text;
}

inline std::string offers_event(int count) {
  std::string out = R"({"type":"OFFERS","offers":{"offers":[)";
  for (int i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    out += offer(i);
  }
  return out + "]}}";
}

}  // namespace ostler::bench
