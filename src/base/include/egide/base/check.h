// EGIDE_CHECK stops the process on a broken invariant: a defect of egide itself.
// It is never used on input. The message carries the expression and the place, no data.
#pragma once

namespace egide::base {
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace egide::base

#define EGIDE_CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::egide::base::check_failed(#expression, __FILE__, __LINE__))
