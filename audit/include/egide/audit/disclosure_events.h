// Event names of the closed list (leaf.h) about data that leave in bulk, and about pseudonyms that are lifted.
//
// Thread safety: constants.
#pragma once

#include <string_view>

namespace egide::audit::event {

inline constexpr std::string_view kDatasetExported = "dataset.exported";
inline constexpr std::string_view kDatasetPreviewed = "dataset.previewed";
inline constexpr std::string_view kDatasetTaken = "dataset.taken";  // one person's data were taken into an export
inline constexpr std::string_view kReidentificationOpened = "reidentification.opened";
inline constexpr std::string_view kReidentificationApproved = "reidentification.approved";
inline constexpr std::string_view kReidentificationRead = "reidentification.read";

}  // namespace egide::audit::event
