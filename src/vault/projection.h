// In-memory state that decisions are made from. The committer updates it change by change, in the order of the log;
// everybody else reads. What is seen here may not be durable yet, but nobody is answered from it before it is: an
// answer waits for an entry that stands behind it in the log (committer.h).
//
// Thread safety: reads from many threads; writes from the committer's thread (or before it starts).
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "egide/base/ids.h"
#include "egide/base/time.h"
#include "egide/crypto/derived_keys.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/policies/decide.h"

namespace egide::vault {

struct PartyConsent {
  policies::ConsentFacts facts;
  base::RecordId record;
  std::int64_t sequence = 0;  // of the newest event
};

struct PurposeConsent {
  policies::PurposeIndex purpose = 0;
  PartyConsent person, guardian;
};

// What decisions need to know of a person at once; the sealed `facts` column holds the personal part.
struct PersonalFacts {
  std::optional<base::Date> birth_date, last_contact, left;
  std::string departement;  // of the postal code: areas are counted, so that a small one is widened
};

// Immutable: a change makes a new one with a higher revision.
struct SubjectState {
  base::SubjectId id;
  std::uint64_t revision = 1;  // of this state in memory
  std::int64_t row_version = 1;
  bool erased = false;
  bool restricted = false;
  std::string locale;
  PersonalFacts facts;
  crypto::WrappedSubjectKeys keys;
  std::vector<PurposeConsent> consents;  // by purpose
  std::vector<policies::PurposeIndex> objections;

  const PurposeConsent* consent(policies::PurposeIndex purpose) const noexcept;
  PurposeConsent& consent_for(policies::PurposeIndex purpose);  // added when absent
};
using SubjectStatePtr = std::shared_ptr<const SubjectState>;

// Told of each new state, on the thread that made it, once the state can be found.
class SubjectObserver {
 public:
  virtual ~SubjectObserver() = default;
  virtual void changed(const SubjectState& state) noexcept = 0;
};

class SubjectProjection {
 public:
  // Before the committer starts. `observer` outlives every put().
  void observe(SubjectObserver* observer) noexcept { observer_ = observer; }
  SubjectStatePtr find(const base::SubjectId& id) const;
  void put(SubjectStatePtr state);
  std::int64_t living_count() const;
  // Living people whose postal code lies in this département.
  std::int64_t people_in(const std::string& departement) const;

  // The person's newest log entry (index + 1; 0 = none): the head of their chain. Committer's thread only.
  std::uint64_t last_entry(const base::SubjectId& id) const;
  void set_last_entry(const base::SubjectId& id, std::uint64_t index_plus_one);
  // For reading a chain from other threads.
  std::uint64_t chain_head(const base::SubjectId& id) const { return last_entry(id); }

  // Calls `visit` for each person, shard by shard; others may change meanwhile.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& shard : shards_) {
      std::vector<SubjectStatePtr> states;
      {
        const std::shared_lock lock(shard.mutex);
        states.reserve(shard.nodes.size());
        for (const auto& [id, node] : shard.nodes) states.push_back(node.state);
      }
      for (const auto& state : states) visit(state);
    }
  }

 private:
  struct Node {
    SubjectStatePtr state;
    std::uint64_t last_entry = 0;
  };
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<base::SubjectId, Node> nodes;
  };
  static constexpr std::size_t kShards = 64;
  Shard& shard(const base::SubjectId& id);
  const Shard& shard(const base::SubjectId& id) const;
  std::array<Shard, kShards> shards_;
  SubjectObserver* observer_ = nullptr;
  mutable std::mutex areas_mutex_;
  std::unordered_map<std::string, std::int64_t> areas_;
};

// Facts of a person for one purpose, as the engine takes them.
policies::SubjectFacts facts_for(const SubjectState& state, policies::PurposeIndex purpose, const policies::Pack& pack,
                                 base::Timestamp now);

// Pseudonyms of one tool and purpose, both ways. Built whole at first use, then kept up with new people.
class PseudonymDomains {
 public:
  explicit PseudonymDomains(const crypto::DerivedKeys& keys, const SubjectProjection& subjects)
      : keys_(keys), subjects_(subjects) {}
  base::Result<std::string> pseudonym(const std::string& purpose, const std::string& tool,
                                      const base::SubjectId& subject);
  // Nothing when the text is no pseudonym of this domain.
  base::Result<std::optional<base::SubjectId>> resolve(const std::string& purpose, const std::string& tool,
                                                       std::string_view text);
  void added(const base::SubjectId& subject);  // committer's thread

 private:
  struct Domain {
    explicit Domain(crypto::PseudonymDomain k) : key(std::move(k)) {}
    crypto::PseudonymDomain key;
    mutable std::shared_mutex mutex;
    bool complete = false;
    std::unordered_map<base::Uuid, base::SubjectId> subject_of;  // pseudonym bytes as a Uuid
  };
  base::Result<std::shared_ptr<Domain>> domain(const std::string& purpose, const std::string& tool);
  void complete(Domain& domain);

  const crypto::DerivedKeys& keys_;
  const SubjectProjection& subjects_;
  mutable std::shared_mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Domain>> domains_;
};

std::string pseudonym_text(const crypto::Pseudonym& pseudonym);  // "p_" + base64url

}  // namespace egide::vault
