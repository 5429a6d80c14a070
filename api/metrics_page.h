// What stands on the metrics page besides the answers: read when the page is asked for.
//
// Thread safety: free functions without state.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "egide/vault/vitals.h"

namespace egide::api {

void add_vitals(const vault::Vitals& vitals, std::vector<prometheus::MetricFamily>& out);
// Under the names that Prometheus' own client libraries use.
void add_process(std::vector<prometheus::MetricFamily>& out);

}  // namespace egide::api
