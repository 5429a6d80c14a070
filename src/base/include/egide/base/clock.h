// Time. Everything that asks for the time asks a Clock, so that tests can hold it.
//
// Thread safety: implementations may be called from many threads.
#pragma once

#include <chrono>

namespace egide::base {

// Milliseconds since 1970, UTC.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

}  // namespace egide::base
