#include "egide/base/result.h"

namespace egide::base {

const char* name_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::InvalidRequest:
      return "invalid_request";
    case ErrorCode::Unauthenticated:
      return "unauthenticated";
    case ErrorCode::Forbidden:
      return "forbidden";
    case ErrorCode::NotFound:
      return "not_found";
    case ErrorCode::Conflict:
      return "conflict";
    case ErrorCode::Gone:
      return "gone";
    case ErrorCode::Precondition:
      return "precondition_failed";
    case ErrorCode::TooLarge:
      return "too_large";
    case ErrorCode::Integrity:
      return "integrity_violation";
    case ErrorCode::Unavailable:
      return "unavailable";
  }
  EGIDE_CHECK(false);
}

}  // namespace egide::base
