// What the gateway keeps in memory besides the projections: which AuthZEN types mean tools and people, the generic
// policies, and for each tool and purpose that was searched the people it may probably contact.
//
// Thread safety: AccessGateway's own members are constant while the vault is open; ContactLists says so itself.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "egide/crypto/derived_keys.h"
#include "egide/policies/generic_policy.h"
#include "projection.h"

namespace egide::vault {

// The people of one tool and purpose, in the order of their pseudonyms: keyed hashes of this tool and purpose alone, so
// that the order tells nothing, and two tools can't link their pages to each other.
//
// Holds everybody whom a lasting state does not exclude (erasure, restriction, objection, no consent in force). What
// time or a tool decide (expiry, age, retention, notices, recipients) is decided for each page.
//
// Thread safety: may be used from many threads.
class ContactList {
 public:
  struct Place {
    base::Uuid pseudonym;
    base::SubjectId subject;
  };
  ContactList(crypto::PseudonymDomain key, policies::PurposeIndex purpose) : key_(std::move(key)), purpose_(purpose) {}

  // Up to `count` people behind `position`, or from the beginning.
  std::vector<Place> after(const std::optional<base::Uuid>& position, std::size_t count) const;

  // How many a full count found, as long as nobody came or went, the notices are the same and it is the same minute.
  struct CountKey {
    std::uint64_t version = 0;
    int oldest_notice = 0;
    std::int64_t minute = 0;
    bool operator==(const CountKey&) const = default;
  };
  std::uint64_t version() const;
  std::optional<std::uint64_t> counted(const CountKey& key) const;
  void remember_count(const CountKey& key, std::uint64_t count);

 private:
  friend class ContactLists;
  void put(const SubjectState& state, const policies::Purpose& purpose);
  void put_locked(const SubjectState& state, const policies::Purpose& purpose);

  crypto::PseudonymDomain key_;
  policies::PurposeIndex purpose_;
  mutable std::shared_mutex mutex_;
  std::map<base::Uuid, base::SubjectId> people_;
  std::uint64_t version_ = 0;
  CountKey count_key_;
  std::optional<std::uint64_t> count_;
};

// Made at the first search of a tool and purpose, by one walk over all people, then kept up by the committer's thread:
// one keyed hash and one step in a tree a list for each change of a person. About 80 bytes a person and list.
// docs/api.md has what was measured.
class ContactLists final : public SubjectObserver {
 public:
  ContactLists(const crypto::DerivedKeys& keys, const SubjectProjection& subjects, const policies::Pack& pack)
      : keys_(keys), subjects_(subjects), pack_(pack) {}
  base::Result<std::shared_ptr<ContactList>> list(policies::PurposeIndex purpose, const std::string& tool);
  void changed(const SubjectState& state) noexcept override;

 private:
  using Key = std::pair<policies::PurposeIndex, std::string>;
  const crypto::DerivedKeys& keys_;
  const SubjectProjection& subjects_;
  const policies::Pack& pack_;
  mutable std::shared_mutex mutex_;
  std::map<Key, std::shared_ptr<ContactList>> lists_;
};

class AccessGateway {
 public:
  AccessGateway(const crypto::DerivedKeys& keys, const SubjectProjection& subjects, const policies::Pack& pack)
      : contacts(keys, subjects, pack), generic(std::make_shared<const policies::GenericPolicies>()) {}

  ContactLists contacts;
  std::shared_ptr<const policies::GenericPolicies> generic;  // never null
  std::vector<std::string> tool_types, person_types;
};

}  // namespace egide::vault
