// The part of a person's copy that is found through the chain of their log entries: who looked, which tools read, what
// was decided.
#pragma once

#include "access_package_copy.h"

namespace egide::vault {

base::Result<void> copy_log(const Services& services, storage::Connection& connection, base::ByteView dek,
                            std::uint64_t head, PersonCopy& out);

}  // namespace egide::vault
