// The decision written a second time, slowly and another way: every row's condition is computed, then the first is
// taken. Sets of explicit keys instead of walks. Only tests use it.
#pragma once

#include "facts.h"

namespace egide::policies::testing {

Decision reference_decide(const Facts& facts, const Pack& pack);

}  // namespace egide::policies::testing
