#include "egide/api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <unordered_map>

#include "metrics_page.h"

namespace egide::api {
namespace {

constexpr int kLeastStatus = 100;
constexpr std::size_t kStatuses = 500;

// Seconds. From a cached decision to a client that is about to give up.
const prometheus::Histogram::BucketBoundaries& boundaries() {
  static const prometheus::Histogram::BucketBoundaries values = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                                 0.05,   0.1,   0.25,   0.5,   1,    5};
  return values;
}

}  // namespace

struct Metrics::Series {
  struct Route {
    std::string name;
    prometheus::Histogram* took = nullptr;
    std::array<std::atomic<prometheus::Counter*>, kStatuses> answers{};  // filled as statuses appear
  };

  explicit Series(std::span<const RoleRule> table)
      : answers(prometheus::BuildCounter()
                    .Name("egide_http_requests_total")
                    .Help("Answers given, by route and status")
                    .Register(registry)),
        took(prometheus::BuildHistogram()
                 .Name("egide_http_request_duration_seconds")
                 .Help("From the whole request to its answer, by route")
                 .Register(registry)) {
    for (const auto& rule : table) add(std::string(rule.route));
    add("none");
  }
  void add(const std::string& name) {
    auto& route = routes[name];
    route.name = name;
    route.took = &took.Add({{"route", name}}, boundaries());
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& answers;
  prometheus::Family<prometheus::Histogram>& took;
  std::unordered_map<std::string_view, Route*> by_name;
  std::unordered_map<std::string, Route> routes;
};

Metrics::Metrics(std::span<const RoleRule> table) : series_(std::make_unique<Series>(table)) {
  for (auto& [name, route] : series_->routes) series_->by_name.emplace(name, &route);
}
Metrics::~Metrics() = default;

void Metrics::answered(std::string_view route, int status, std::chrono::nanoseconds took) noexcept {
  const auto found = series_->by_name.find(route);
  const int at = status - kLeastStatus;
  if (found == series_->by_name.end() || at < 0 || at >= static_cast<int>(kStatuses)) return;
  try {
    Series::Route& row = *found->second;
    auto& slot = row.answers[static_cast<std::size_t>(at)];
    prometheus::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {  // the family gives two threads that race the same counter
      counter = &series_->answers.Add({{"route", row.name}, {"status", std::to_string(status)}});
      slot.store(counter, std::memory_order_release);
    }
    counter->Increment();
    row.took->Observe(std::chrono::duration<double>(took).count());
  } catch (...) {  // out of memory: a count is lost, the answer is not
  }
}

std::string Metrics::page(const vault::Vitals& vitals) const {
  auto families = series_->registry.Collect();
  add_vitals(vitals, families);
  add_process(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace egide::api
