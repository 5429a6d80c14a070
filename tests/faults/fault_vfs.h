// SQLite's file layer over a FaultDisk, registered as "egide-faults".
#pragma once

#include "fault_disk.h"

namespace egide::faults {

inline constexpr const char* kFaultVfs = "egide-faults";

// Files that are opened from now on stand on `disk`, which outlives them.
void use_disk(FaultDisk& disk);

}  // namespace egide::faults
