// A clock that stands still until a test moves it. Safe to read from many threads.
#pragma once

#include <atomic>

#include "egide/base/clock.h"

namespace egide::testing {

class FakeClock final : public base::Clock {
 public:
  explicit FakeClock(base::Timestamp start) : now_(start.time_since_epoch().count()) {}
  base::Timestamp now() const override { return base::Timestamp(std::chrono::milliseconds(now_.load())); }
  void advance(std::chrono::milliseconds by) { now_ += by.count(); }
  void set(base::Timestamp t) { now_ = t.time_since_epoch().count(); }

 private:
  std::atomic<std::chrono::milliseconds::rep> now_;
};

}  // namespace egide::testing
