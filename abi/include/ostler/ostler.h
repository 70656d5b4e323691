/* ostler/ostler.h - the whole ABI, drafts excepted. */
#ifndef OSTLER_ABI_OSTLER_H
#define OSTLER_ABI_OSTLER_H

#include "base.h"
#include "host.h"
#include "http.h"
#include "metrics.h"
#include "offers.h"
#include "plugin.h"
#include "routes.h"
#include "secrets.h"
#include "state.h"

#endif
