#include "batch_entries.h"

#include <algorithm>

#include "egide/base/check.h"

namespace egide::storage {
namespace {

using base::Result;

Result<void> check(const EntryDraft& draft) {
  if (!draft.kaudit.empty() && draft.kaudit.size() != 32) return base::invalid_request("An audit key has 32 bytes");
  if (draft.resource && draft.kaudit.empty())
    return base::invalid_request("A resource is tagged with the audit key of the person it concerns");
  if (draft.detail.empty() && !draft.sealed_detail.empty())
    return base::invalid_request("A sealed detail needs the detail that the entry commits to");
  // A commitment with a known key could be opened by trying details.
  if (!draft.detail.empty() && draft.r32 == base::Hash32{})
    return base::invalid_request("A detail needs its random commitment key");
  return {};
}

}  // namespace

void BatchEntries::start(std::uint64_t size) {
  first_ = size;
  leaves_.clear();
  leaf_ends_.clear();
  details_.clear();
  sealed_.clear();
  inserted_leaves_ = inserted_details_ = 0;
}

Result<audit::LeafIndex> BatchEntries::append(const EntryDraft& draft, base::Timestamp time,
                                              std::optional<audit::Outcome> outcome) {
  EGIDE_TRY_VOID(check(draft));
  const audit::LeafIndex index = first_ + count();
  audit::Leaf leaf = draft.leaf;
  leaf.index = index;
  leaf.time = time;
  if (outcome) leaf.outcome = outcome;
  if (!draft.kaudit.empty()) leaf.subject_tag = audit::subject_tag(draft.kaudit, index);
  if (draft.resource) leaf.resource_tag = audit::resource_tag(draft.kaudit, index, *draft.resource);
  if (!draft.detail.empty()) leaf.commitment = audit::detail_commitment(draft.r32, index, draft.detail);

  const std::size_t begin = leaves_.size();
  if (auto written = audit::write_leaf(leaf, leaves_); !written) {
    leaves_.resize(begin);
    return std::move(written).error();
  }
  if (draft.subject || !draft.sealed_detail.empty()) {
    const std::size_t sealed_begin = sealed_.size();
    sealed_.insert(sealed_.end(), draft.sealed_detail.begin(), draft.sealed_detail.end());
    details_.push_back({index, draft.subject, draft.previous, draft.detail_record, sealed_begin, sealed_.size()});
  }
  leaf_ends_.push_back(leaves_.size());
  return index;
}

void BatchEntries::cut(std::uint64_t count) {
  EGIDE_CHECK(count >= inserted_leaves_ && count <= leaf_ends_.size());
  leaf_ends_.resize(count);
  leaves_.resize(leaf_ends_.empty() ? 0 : leaf_ends_.back());
  while (!details_.empty() && details_.back().index >= first_ + count) details_.pop_back();
  sealed_.resize(details_.empty() ? 0 : details_.back().sealed_end);
}

base::ByteView BatchEntries::leaf(std::size_t position) const {
  const std::size_t begin = position == 0 ? 0 : leaf_ends_[position - 1];
  return base::as_bytes(std::string_view(leaves_).substr(begin, leaf_ends_[position] - begin));
}

Result<void> BatchEntries::insert(LogStore& store, std::uint64_t count) {
  for (; inserted_leaves_ < count; ++inserted_leaves_)
    EGIDE_TRY_VOID(store.insert_leaf(first_ + inserted_leaves_, leaf(inserted_leaves_)));
  for (; inserted_details_ < details_.size() && details_[inserted_details_].index < first_ + count;
       ++inserted_details_) {
    const DetailRow& row = details_[inserted_details_];
    const auto sealed = base::ByteView(sealed_).subspan(row.sealed_begin, row.sealed_end - row.sealed_begin);
    EGIDE_TRY_VOID(store.insert_detail(row.index, row.subject, row.previous, row.record, sealed));
  }
  return {};
}

Result<void> BatchEntries::insert_nodes(LogStore& store, audit::Frontier& frontier) {
  EGIDE_CHECK(frontier.size() == first_);
  Result<void> stored;
  for (std::size_t position = 0; position < leaf_ends_.size(); ++position) {
    frontier.append(audit::leaf_hash(leaf(position)), [&](std::uint64_t index, const base::Hash32& hash) {
      if (stored) stored = store.insert_node(index, hash);
    });
    EGIDE_TRY_VOID(stored);
  }
  return {};
}

}  // namespace egide::storage
