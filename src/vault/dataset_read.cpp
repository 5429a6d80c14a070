#include "egide/storage/dataset_repository.h"
#include "egide/vault/datasets.h"
#include "services.h"

namespace egide::vault {
namespace {

DatasetView view_of(storage::DatasetRow row) {
  DatasetView out;
  out.id = row.id;
  out.created_at = row.created_at;
  out.tool = row.tool.str();
  out.purpose = std::move(row.purpose);
  out.report = std::move(row.report);
  out.log_index = row.log_index;
  out.log_detail = std::move(row.detail);
  out.commitment_key = row.commitment_key;
  return out;
}

}  // namespace

base::Result<DatasetView> ReadDatasets::get(const Caller& caller, const base::RecordId& id) const {
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(auto row, storage::DatasetRepository(*reads).find(id));
  if (!row || (caller.role == Role::Tool && row->tool.str() != caller.id))
    return base::not_found("There is no such dataset");
  return view_of(std::move(*row));
}

base::Result<ReadDatasets::Page> ReadDatasets::list(
    const Caller& caller, const std::optional<std::pair<base::Timestamp, base::RecordId>>& after, int limit) const {
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(auto rows,
            storage::DatasetRepository(*reads).list(caller.role == Role::Tool ? caller.id : "", after, limit + 1));
  Page out;
  const bool more = rows.size() > static_cast<std::size_t>(limit);
  if (more) rows.pop_back();
  for (auto& row : rows) out.items.push_back(view_of(std::move(row)));
  if (more) out.next = std::pair(out.items.back().created_at, out.items.back().id);
  return out;
}

}  // namespace egide::vault
