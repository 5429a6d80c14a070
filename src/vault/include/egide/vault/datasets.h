// Datasets for training or study: the permitted data of everybody who may be used for a purpose now, generalised and
// suppressed until nobody stands out (docs/datasets.md). GDPR 5(1)(b), (c), 25, 89(1).
//
// - Who is in it: people for whom EvaluateAccess would permit this tool and purpose now. Decided from the same facts,
//   again on the committer's thread, and written into each person's log before anything leaves.
// - What is in it: what a read for the purpose would give, minus every direct identifier and free text.
// - Under which name: pseudonyms of this export alone. Its key is thrown away; a second export has nothing in common.
//
// The file is in the answer and nowhere else (docs/decisions/0007-datasets-are-not-kept.md). Memory: bounded by
// kMaxDatasetPeople and kMaxDatasetColumns. One export at a time.
// Thread safety: may be called from many threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

inline constexpr std::size_t kMaxDatasetPeople = 200000;
inline constexpr std::size_t kMaxDatasetColumns = 12;

enum class DatasetFormat { Csv, JsonLines };

struct DatasetAsked {
  std::string purpose;
  std::string tool;                    // the recipient; a tool's own id, or empty, when a tool asks
  std::vector<std::string> fields;     // categories; empty: all that is permitted
  std::vector<std::string> sensitive;  // of these: kept as they are, protected by l-diversity
  std::optional<std::int64_t> k;       // not below the policy's
  std::optional<std::int64_t> l;       // different values in each class; at least 2 with a sensitive column
  std::optional<double> entropy_l;
  std::optional<double> max_suppression;  // 0 to 0.5; 0.1 where nothing is said
  DatasetFormat format = DatasetFormat::Csv;
  bool preview = false;  // the report alone; nothing leaves
};

struct DatasetMade {
  std::optional<base::RecordId> id;  // nothing for a preview
  std::string report;                // JSON
  std::string file;
  base::Hash32 file_hash{};  // SHA-256
};

class ExportDataset {
 public:
  explicit ExportDataset(Services& services) : services_(services) {}
  // Forbidden: the tool is unknown or not granted the purpose or a category. InvalidRequest: k below the policy's, a
  // field that can't be exported, ... Conflict: too few people, or no generalisation protects them, or their choices
  // changed while it was made. TooLarge. Unavailable: another export runs, or the log can't be written.
  base::Result<DatasetMade> execute(const Caller& caller, const DatasetAsked& asked);

 private:
  Services& services_;
};

struct DatasetView {
  base::RecordId id;
  base::Timestamp created_at{};
  std::string tool, purpose;
  std::string report;  // JSON
  std::uint64_t log_index = 0;
  std::string log_detail;  // the entry commits to this text with this key (docs/formats/log-leaf.md, "Tags")
  base::Hash32 commitment_key{};
};

class ReadDatasets {
 public:
  explicit ReadDatasets(Services& services) : services_(services) {}
  // NotFound: unknown, or of another tool than the caller.
  base::Result<DatasetView> get(const Caller& caller, const base::RecordId& id) const;
  struct Page {
    std::vector<DatasetView> items;
    std::optional<std::pair<base::Timestamp, base::RecordId>> next;
  };
  base::Result<Page> list(const Caller& caller, const std::optional<std::pair<base::Timestamp, base::RecordId>>& after,
                          int limit) const;

 private:
  Services& services_;
};

}  // namespace egide::vault
