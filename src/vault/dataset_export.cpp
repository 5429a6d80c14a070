#include <algorithm>
#include <mutex>

#include "dataset_file.h"
#include "dataset_log.h"
#include "dataset_people.h"
#include "dataset_plan.h"
#include "dataset_report.h"
#include "egide/audit/disclosure_events.h"
#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "egide/vault/datasets.h"

namespace egide::vault {
namespace {

constexpr int kAttempts = 3;

// Holds every permitted person's coded data: one at a time in the process.
std::mutex& export_mutex() {
  static std::mutex mutex;
  return mutex;
}

struct FileRow {
  std::string pseudonym;
  std::size_t row = 0;
};

class Export {
 public:
  Export(Services& services, const Caller& caller, const DatasetAsked& asked, const DatasetPlan& plan)
      : services_(services), caller_(caller), asked_(asked), plan_(plan), now_(services.clock->now()) {}

  // Conflict: nothing protects these people. Gone: somebody was erased while they were read.
  base::Result<void> prepare() {
    EGIDE_TRY(auto permitted, permitted_people(services_, plan_, now_));
    // Fewer people than a class: not even their number is told.
    if (permitted.size() < plan_.requirements.k)
      return base::conflict("Too few people may be used for this purpose now to protect them in a dataset");
    EGIDE_TRY(people_, read_people(services_, plan_, std::move(permitted), now_));
    if (people_.columns.empty()) return base::conflict("Nothing is held that may stand in a dataset for this purpose");
    table_.rows = people_.people.size();
    for (const auto& column : people_.columns) table_.columns.push_back(column.to_column());
    EGIDE_TRY(result_, anonymity::anonymise(table_, plan_.requirements));
    report_ = make_report(services_, plan_, people_, table_, result_, now_);
    return {};
  }

  DatasetMade preview() const {
    DatasetMade out;
    out.report = report_.dump();
    return out;
  }

  // Everything is in the log when this returns.
  base::Result<DatasetMade> release() {
    const base::RecordId id(crypto::time_uuid(now_));
    DatasetMade out;
    out.id = id;
    EGIDE_TRY(out.file, write_file(id));
    out.file_hash = crypto::sha256(base::as_bytes(out.file));
    add_file(report_, id.str(),
             {asked_.format == DatasetFormat::Csv ? "csv" : "jsonl", base::to_hex(out.file_hash), out.file.size(),
              table_.rows - result_.suppressed});
    out.report = report_.dump();

    std::vector<TakenPerson> taken;
    taken.reserve(table_.rows);
    for (std::size_t row = 0; row < table_.rows; ++row) taken.push_back({people_.people[row], result_.kept[row]});
    std::vector<std::string> categories;
    for (const auto& column : people_.columns) categories.push_back(column.category());
    EGIDE_TRY_VOID(log_taken_people(services_, caller_, plan_, id, taken, categories));

    storage::DatasetRow row;
    row.id = id;
    row.created_at = now_;
    row.actor = caller_.actor;
    row.tool = plan_.tool->row.id;
    row.purpose = services_.pack->at(plan_.purpose).id.str();
    row.report = out.report;
    row.detail = detail_of(id, out);
    EGIDE_TRY_VOID(log_export(services_, caller_, plan_, taken, row));
    return out;
  }

 private:
  std::string detail_of(const base::RecordId& id, const DatasetMade& made) const {
    nlohmann::ordered_json detail;
    detail["dataset"] = id.str();
    detail["tool"] = plan_.tool->row.id.str();
    detail["people"] = table_.rows;
    detail["released"] = table_.rows - result_.suppressed;
    detail["k"] = plan_.requirements.k;
    detail["report_sha256"] = base::to_hex(crypto::sha256(base::as_bytes(made.report)));
    detail["file_sha256"] = base::to_hex(made.file_hash);
    return detail.dump();
  }

  // Under a key of this export alone, in the order of the pseudonyms: neither tells anything.
  base::Result<std::vector<FileRow>> rows_of(const base::RecordId& id) const {
    const auto random = crypto::random_array<32>();
    EGIDE_TRY(const auto domain, services_.keys->export_domain(id.uuid(), plan_.tool->row.id.str(), random));
    std::vector<FileRow> out;
    out.reserve(table_.rows - result_.suppressed);
    for (std::size_t row = 0; row < table_.rows; ++row)
      if (result_.kept[row]) out.push_back({"x_" + base::to_base64url(domain.of(people_.people[row]->id)), row});
    std::sort(out.begin(), out.end(), [](const FileRow& a, const FileRow& b) { return a.pseudonym < b.pseudonym; });
    return out;
  }

  const std::string& label(std::size_t column, std::size_t row) const {
    const auto& c = table_.columns[column];
    const auto code = c.codes[row];
    if (c.role == anonymity::ColumnRole::Sensitive) return c.domain[code];
    return c.hierarchy.labels[static_cast<std::size_t>(result_.columns[column].level)][code];
  }

  base::Result<std::string> write_file(const base::RecordId& id) const {
    EGIDE_TRY(const auto rows, rows_of(id));
    std::vector<std::string> names = {"pseudonym"};
    for (const auto& column : table_.columns) names.push_back(column.name);
    std::string out;
    if (asked_.format == DatasetFormat::Csv) append_csv_row(out, names);
    for (const auto& row : rows) {
      if (asked_.format == DatasetFormat::Csv) {
        std::vector<std::string> fields = {row.pseudonym};
        for (std::size_t c = 0; c < table_.columns.size(); ++c) fields.push_back(label(c, row.row));
        append_csv_row(out, fields);
      } else {
        std::vector<nlohmann::json> values = {row.pseudonym};
        for (std::size_t c = 0; c < table_.columns.size(); ++c)
          values.push_back(people_.columns[c].to_json(label(c, row.row)));
        append_json_line(out, names, values);
      }
    }
    return out;
  }

  Services& services_;
  const Caller& caller_;
  const DatasetAsked& asked_;
  const DatasetPlan& plan_;
  base::Timestamp now_;
  DatasetPeople people_;
  anonymity::Table table_;
  anonymity::Anonymised result_;
  nlohmann::ordered_json report_;
};

bool somebody_changed(const base::Error& error) {
  return error.code() == base::ErrorCode::Gone || error.code() == base::ErrorCode::NotFound;
}

// A refusal has an entry too: an attempt to take out more than the policy lets out is worth knowing.
base::Error refused(Services& services, const Caller& caller, const DatasetPlan& plan, base::Error error) {
  if (auto logged = log_dataset_event(services, caller, plan, audit::event::kDatasetExported, audit::Outcome::Deny);
      !logged)
    return std::move(logged).error();
  return error;
}

}  // namespace

base::Result<DatasetMade> ExportDataset::execute(const Caller& caller, const DatasetAsked& asked) {
  EGIDE_TRY(const auto plan, plan_dataset(services_, caller, asked));
  const std::unique_lock only(export_mutex(), std::try_to_lock);
  if (!only.owns_lock()) return base::unavailable("Another dataset is being made: try again when it is done");
  for (int attempt = 1;; ++attempt) {
    Export one(services_, caller, asked, plan);
    if (auto prepared = one.prepare(); !prepared) {
      if (somebody_changed(prepared.error()) && attempt < kAttempts) continue;
      if (somebody_changed(prepared.error()))
        return base::conflict("Choices of people changed while the dataset was made: ask again");
      return refused(services_, caller, plan, std::move(prepared).error());
    }
    if (asked.preview) {
      EGIDE_TRY_VOID(
          log_dataset_event(services_, caller, plan, audit::event::kDatasetPreviewed, audit::Outcome::Allow));
      return one.preview();
    }
    auto released = one.release();
    const bool changed =
        !released && (somebody_changed(released.error()) || released.error().code() == base::ErrorCode::Conflict);
    if (!changed || attempt == kAttempts) return released;
  }
}

}  // namespace egide::vault
