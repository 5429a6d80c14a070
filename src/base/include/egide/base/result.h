// Result<T> is a value or an Error, with the names of std::expected.
//
// Error messages are shown to the caller of the API: they say what to do, and never carry
// personal data, keys, SQL, or paths inside the vault.
//
// Thread safety: as the value inside.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "egide/base/check.h"

namespace egide::base {

// Closed set. api/ maps each to one HTTP status in one switch without `default`.
enum class ErrorCode {
  InvalidRequest,   // the input is wrong; `fields` says where
  Unauthenticated,  // no valid credential
  Forbidden,        // a valid credential without the right
  NotFound,
  Conflict,      // contradicts the present state; trying again unchanged can't help
  Gone,          // was there and is erased
  Precondition,  // If-Match missing or stale
  TooLarge,
  Integrity,    // authentication of stored data failed: never shown as empty data
  Unavailable,  // can't be done now (log not writable, sealed, overloaded)
};

// The stable lower-case name of a code ("invalid_request").
const char* name_of(ErrorCode code) noexcept;

// One mistake in one place of a JSON document. `pointer` is an RFC 6901 pointer ("/purpose").
// `line` is 1-based, 0 where unknown.
struct FieldError {
  std::string pointer;
  std::string detail;
  int line = 0;
};

class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}
  Error(ErrorCode code, std::string message, std::vector<FieldError> fields)
      : code_(code), message_(std::move(message)), fields_(std::move(fields)) {}

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::vector<FieldError>& fields() const noexcept { return fields_; }

 private:
  ErrorCode code_;
  std::string message_;
  std::vector<FieldError> fields_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit as in std::expected
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return (EGIDE_CHECK(has_value()), std::get<0>(state_)); }
  const T& value() const& { return (EGIDE_CHECK(has_value()), std::get<0>(state_)); }
  T&& value() && { return (EGIDE_CHECK(has_value()), std::get<0>(std::move(state_))); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return (EGIDE_CHECK(!has_value()), std::get<1>(state_)); }
  Error&& error() && { return (EGIDE_CHECK(!has_value()), std::get<1>(std::move(state_))); }

  template <typename U>
  T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const noexcept { return error_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const& { return (EGIDE_CHECK(!has_value()), std::get<1>(error_)); }
  Error&& error() && { return (EGIDE_CHECK(!has_value()), std::get<1>(std::move(error_))); }

 private:
  std::variant<std::monostate, Error> error_;
};

inline Error invalid_request(std::string message) { return Error(ErrorCode::InvalidRequest, std::move(message)); }
inline Error invalid_field(std::string pointer, std::string detail) {
  return Error(ErrorCode::InvalidRequest, "The request is not valid",
               {FieldError{std::move(pointer), std::move(detail), 0}});
}
inline Error not_found(std::string message) { return Error(ErrorCode::NotFound, std::move(message)); }
inline Error forbidden(std::string message) { return Error(ErrorCode::Forbidden, std::move(message)); }
inline Error conflict(std::string message) { return Error(ErrorCode::Conflict, std::move(message)); }
inline Error integrity_violation(std::string message) { return Error(ErrorCode::Integrity, std::move(message)); }
inline Error unavailable(std::string message) { return Error(ErrorCode::Unavailable, std::move(message)); }

}  // namespace egide::base

#define EGIDE_CONCAT_INNER(a, b) a##b
#define EGIDE_CONCAT(a, b) EGIDE_CONCAT_INNER(a, b)
#define EGIDE_TRY_IMPL(result, declaration, expression) \
  auto result = (expression);                           \
  if (!result) return std::move(result).error();        \
  declaration = std::move(result).value()

// EGIDE_TRY(auto key, keys.find(id)): the value, or return the error from this function.
#define EGIDE_TRY(declaration, expression) EGIDE_TRY_IMPL(EGIDE_CONCAT(egide_try_, __LINE__), declaration, expression)

// EGIDE_TRY_VOID(store.put(x)): go on, or return the error from this function.
#define EGIDE_TRY_VOID(expression)                                                                           \
  do {                                                                                                       \
    if (auto egide_try_result = (expression); !egide_try_result) return std::move(egide_try_result).error(); \
  } while (false)
