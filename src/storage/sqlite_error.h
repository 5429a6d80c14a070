// What an engine's result code means to the rest of egide. Private to the SQLCipher driver.
#pragma once

#include "egide/base/result.h"

namespace egide::storage {

// `code`: an extended result code that is not OK, ROW or DONE.
base::Error error_of(int code);

}  // namespace egide::storage
