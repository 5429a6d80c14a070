// Several files of a vault replaced as one: their new contents are written to one file first, durably. From then on
// they count, and are put into place now or at the next start. All of them are wraps; the file opens nothing.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "egide/base/result.h"

namespace egide::vault {

inline constexpr const char* kRotationFile = "rotation.pending";
inline constexpr const char* kNextLogKeyFile = "log.key.next";

using BeforeFile = std::function<base::Result<void>()>;

// `files` by name. Nothing has changed when it fails before the pending file is there.
base::Result<void> replace_files(const std::string& directory, const std::map<std::string, std::string>& files,
                                 const BeforeFile& before_file = {});
// Under the directory's lock: finishes what was decided. Nothing to do without a pending file.
base::Result<void> finish_replacing(const std::string& directory, const BeforeFile& before_file = {});

}  // namespace egide::vault
