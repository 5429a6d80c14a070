// What a fuzzer demands of the code under it: a broken promise ends the run.
#pragma once

#include <cstdlib>

inline void require(bool holds) {
  if (!holds) std::abort();
}
