// `egide verify --receipt`: a consent receipt, without a connection and without a vault.
#pragma once

#include <string>

#include "egide/base/result.h"

namespace egide::app {

// `signature`: a file with a detached signature, for documents of another form than egide's own receipt.
base::Result<void> verify_receipt_file(const std::string& receipt, const std::string& signature,
                                       const std::string& vkey, bool json);

}  // namespace egide::app
