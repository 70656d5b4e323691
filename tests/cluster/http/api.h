// The v1 scheduler API, /health, and the little of the operator API that is modelled.
#pragma once

#include "cluster/http/calls.h"
#include "cluster/http/cluster.h"
#include "cluster/http/server.h"

namespace ostler::cluster {

class Control;

// [any-thread] Answers everything but /control.
class Api {
 public:
  Api(Cluster& cluster, Control& control) : cluster_(cluster), control_(control) {}
  HttpAnswer handle(const HttpRequest& request);

 private:
  HttpAnswer scheduler(const HttpRequest& request);
  HttpAnswer operator_call(const HttpRequest& request);
  HttpAnswer carry_out(const HttpRequest& request, ParsedCall call);
  HttpAnswer subscribe(Master::Subscribe request);
  HttpAnswer call(const HttpRequest& request, ParsedCall parsed);

  Cluster& cluster_;
  Control& control_;
};

HttpAnswer text_answer(int status, std::string text);

}  // namespace ostler::cluster
