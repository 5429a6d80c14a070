#include "egide/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace egide::base {

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "egide: broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace egide::base
