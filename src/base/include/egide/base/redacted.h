// Redacted<T> holds a value that must not reach a log, an error or a JSON answer by accident: it has no formatter,
// no operator<< and no to_json. Reading it takes a name one can search for.
//
// Thread safety: as T.
#pragma once

#include <utility>

namespace egide::base {

template <typename T>
class Redacted {
 public:
  Redacted() = default;
  explicit Redacted(T value) : value_(std::move(value)) {}
  const T& expose_personal_data() const noexcept { return value_; }
  T&& release_personal_data() && noexcept { return std::move(value_); }

 private:
  T value_{};
};

}  // namespace egide::base
