// Rules between parts of one svc.yml: names that clash, references, limits.
#pragma once

#include "spec/field.h"
#include "spec/service_spec.h"

namespace ostler::spec {

// Reports what is wrong in `spec`, at the places recorded while it was read.
void validate(const ServiceSpec& spec, Loading& loading);

}  // namespace ostler::spec
