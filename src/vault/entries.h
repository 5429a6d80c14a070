// Log entries about a person: prepared on the caller's thread (keys unwrapped, detail sealed), appended on the
// committer's. And the base class of changes that append them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/audit/leaf.h"
#include "egide/crypto/secret.h"
#include "egide/storage/committer.h"
#include "egide/vault/caller.h"
#include "services.h"

namespace egide::vault {

// Who did it, for what, with which result: the clear part of an entry.
struct EntryFields {
  std::string_view event;
  const Caller* caller = nullptr;
  std::string_view purpose;
  std::string_view legal_basis;
  std::optional<audit::Outcome> outcome;
  bool with_policy = false;                     // write the pack's revision
  const base::ByteArray<16>* policy = nullptr;  // another revision than the pack's
  std::optional<std::uint64_t> size;            // how many were found, in access.searched
  std::optional<base::Uuid> request;            // rq; nothing: a new random one
  std::optional<base::Uuid> resource;           // res: tagged, needs a person's entry
};

// The part that only the person's key opens. Not thread-safe; movable.
class SubjectEntry {
 public:
  // `detail`: compact JSON, personal data allowed. Integrity or Gone when the keys don't open.
  static base::Result<SubjectEntry> prepare(const Services& services, const SubjectState& state,
                                            std::string_view detail);
  // For records that keep r32 || detail themselves: the entry commits to it and carries the chain only.
  static base::Result<SubjectEntry> prepare_unstored(const Services& services, const SubjectState& state,
                                                     std::string_view detail, const base::Hash32& r32);

  const base::SubjectId& subject() const noexcept { return subject_; }
  base::ByteView dek() const noexcept { return dek_.expose_secret(); }
  base::ByteView kaudit() const noexcept { return kaudit_.expose_secret(); }
  // Points into this object.
  void fill(storage::EntryDraft& draft) const;

 private:
  SubjectEntry(base::SubjectId subject, crypto::SecretKey dek, crypto::SecretKey kaudit)
      : subject_(subject), dek_(std::move(dek)), kaudit_(std::move(kaudit)) {}
  base::SubjectId subject_;
  crypto::SecretKey dek_, kaudit_;
  base::Hash32 r32_{};
  std::string detail_;
  base::Bytes sealed_;
  base::RecordId record_;
};

// Opens an entry's stored detail (without r32). Integrity when it does not match.
base::Result<std::string> open_detail(const Services& services, const SubjectState& state, const base::RecordId& record,
                                      base::ByteView sealed);

// A change that appends entries and keeps each person's chain.
class LoggedChange : public storage::Change {
 public:
  explicit LoggedChange(Services& services) : services_(services) {}
  void on_applied() noexcept override;

 protected:
  Services& services_;
  // About nobody in particular.
  base::Result<audit::LeafIndex> append(storage::ChangeContext& context, const EntryFields& fields);
  base::Result<audit::LeafIndex> append(storage::ChangeContext& context, const EntryFields& fields,
                                        const SubjectEntry& entry);
  // Called in on_applied(), before the chains move.
  virtual void publish() noexcept {}

 private:
  storage::EntryDraft draft(const EntryFields& fields) const;
  std::vector<std::pair<base::SubjectId, std::uint64_t>> heads_;  // of this change, newest last
};

// JSON text for details: {"tool":"x","categories":["a"]} written by hand, since leaves and details are on the hot path.
void append_json_string(std::string& out, std::string_view text);

}  // namespace egide::vault
