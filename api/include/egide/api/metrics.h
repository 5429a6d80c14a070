// Counts and times every answer, for Prometheus. Labels are a route's name and a status: nothing about a caller or a
// person, and no more time series than there are routes.
//
// Thread safety: answered() and add_to() may be called from many threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "egide/api/dispatcher.h"
#include "egide/api/role_table.h"
#include "egide/vault/vitals.h"

namespace egide::api {

class Metrics final : public RequestObserver {
 public:
  // One series for each route of `table`, and "none" for requests that no route took.
  explicit Metrics(std::span<const RoleRule> table = role_table());
  ~Metrics() override;

  void answered(std::string_view route, int status, std::chrono::nanoseconds took) noexcept override;
  // Prometheus' text format 0.0.4: the answers so far, the vault, the process.
  std::string page(const vault::Vitals& vitals) const;

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

}  // namespace egide::api
