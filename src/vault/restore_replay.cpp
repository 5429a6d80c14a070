#include <algorithm>
#include <unordered_map>

#include "consent_rules.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/consent_repository.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/accounts.h"
#include "erase_subject.h"
#include "restore_parts.h"

namespace egide::vault {
namespace {

namespace event = audit::event;

// What the log only tells of, and what changes nothing that could be lost.
bool changes_state(std::string_view name) {
  static constexpr std::string_view kReads[] = {event::kSubjectRead,    event::kSubjectLookup, event::kAccessEvaluated,
                                                event::kAccessSearched, event::kRecordRead,    event::kPseudonymsRead,
                                                event::kDecisionRead,   event::kPackageRead,   event::kServerStarted,
                                                event::kPolicyLoaded,   event::kKeyRotated,    event::kLogRestore};
  return std::find(std::begin(kReads), std::end(kReads), name) == std::end(kReads);
}

class Replay {
 public:
  Replay(Services& services, storage::Connection& connection, RestoreReport& report)
      : services_(services),
        connection_(connection),
        report_(report),
        people_repository_(connection),
        operator_(Accounts::operator_of_the_machine(services)) {}

  // Every living person's audit key, for as long as the replay takes.
  base::Result<void> open_people() {
    base::Result<void> opened;
    services_.subjects.for_each([&](const SubjectStatePtr& state) {
      if (!opened || state->erased) return;
      auto kaudit = crypto::unwrap_kaudit(services_.epoch_keys, state->id, state->keys);
      if (!kaudit) {
        opened = kaudit.error();
        return;
      }
      by_fingerprint_.emplace(base::Uuid(audit::erasure_fingerprint(kaudit->expose_secret())), people_.size());
      people_.push_back({state->id, std::move(*kaudit), true});
    });
    return opened;
  }

  base::Result<void> repeat(const audit::Leaf& leaf) {
    if (leaf.event == event::kSubjectErased) return erase(leaf);
    if (leaf.event == event::kConsentWithdrawn || leaf.event == event::kConsentChanged) return withdraw(leaf);
    if (leaf.event == event::kSubjectObjected) return object(leaf, true);
    if (leaf.event == event::kSubjectObjectionLifted) return object(leaf, false);
    if (leaf.event == event::kSubjectRestricted) return restrict_processing(leaf, true);
    if (leaf.event == event::kSubjectRestrictionLifted) return restrict_processing(leaf, false);
    if (leaf.event == event::kLogKey) return hand_over(leaf);
    if (changes_state(leaf.event)) ++report_.lost[std::string(leaf.event)];
    return {};
  }

 private:
  struct Person {
    base::SubjectId id;
    crypto::SecretKey kaudit;
    bool living;
  };

  // The living person whose tag the entry carries; nullptr: nobody of the backup.
  const Person* person_of(const audit::Leaf& leaf) {
    if (leaf.subject_tag)
      for (const Person& person : people_)
        if (person.living && audit::subject_tag(person.kaudit.expose_secret(), leaf.index) == *leaf.subject_tag)
          return &person;
    ++report_.of_unknown_people;
    return nullptr;
  }

  // The log was verified through it: from here on the new key signs.
  base::Result<void> hand_over(const audit::Leaf& leaf) {
    services_.verifier_key = leaf.new_vkey;
    return storage::AccountRepository(connection_).put_setting("verifier_key", leaf.new_vkey);
  }

  base::Result<void> erase(const audit::Leaf& leaf) {
    const auto found = leaf.fingerprint ? by_fingerprint_.find(base::Uuid(*leaf.fingerprint)) : by_fingerprint_.end();
    if (found == by_fingerprint_.end()) {
      ++report_.of_unknown_people;
      return {};
    }
    Person& person = people_[found->second];
    const auto state = services_.subjects.find(person.id);
    if (person.living) EGIDE_TRY_VOID(erase_rows(services_, connection_, *state));
    person.living = false;
    ++report_.erased;
    return {};
  }

  // The entry does not say whether the person or their guardian withdrew, and "changed" not to what: whatever was valid
  // no longer is.
  base::Result<void> withdraw(const audit::Leaf& leaf) {
    const Person* const person = person_of(leaf);
    const auto purpose = services_.pack->index_of(std::string(leaf.purpose));
    if (person == nullptr || !purpose || services_.pack->at(*purpose).basis != policies::LegalBasis::Consent) return {};
    const auto state = services_.subjects.find(person->id);
    const PurposeConsent* const consent = state->consent(*purpose);
    if (consent == nullptr) return {};
    EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state->id, state->keys));
    auto next = std::make_shared<SubjectState>(*state);
    bool any = false;
    for (const bool guardian : {false, true}) {
      const auto& party = guardian ? consent->guardian : consent->person;
      if (!next_consent_state(party.facts.state, "withdrawn")) continue;
      EGIDE_TRY_VOID(withdraw_for(*next, leaf, guardian, dek.expose_secret()));
      any = true;
    }
    if (any) {
      services_.subjects.put(std::move(next));
      ++report_.withdrawn;
    }
    return {};
  }

  base::Result<void> withdraw_for(SubjectState& state, const audit::Leaf& leaf, bool guardian, base::ByteView dek) {
    NewConsent consent;
    consent.purpose = leaf.purpose;
    consent.status = "withdrawn";
    consent.channel = "api";
    consent.by = guardian ? "guardian" : "data_subject";
    consent.method = "repeated from the log after a restore";
    consent.evidence = "log entry " + std::to_string(leaf.index);
    const auto now = services_.clock->now();
    EGIDE_TRY(auto checked, check_consent(services_, operator_, consent, state.locale, now));
    checked.at = leaf.time;
    EGIDE_TRY(auto applied, apply_consent(services_, operator_, consent, checked, state, dek, now));
    applied.row.log_index = leaf.index;
    return storage::ConsentRepository(connection_).append(applied.row);
  }

  base::Result<void> object(const audit::Leaf& leaf, bool objected) {
    const Person* const person = person_of(leaf);
    if (person == nullptr) return {};
    ++(objected ? report_.objected : report_.lifted);
    return objected ? people_repository_.put_objection(person->id, leaf.purpose, leaf.time)
                    : people_repository_.remove_objection(person->id, leaf.purpose);
  }

  base::Result<void> restrict_processing(const audit::Leaf& leaf, bool restricted) {
    const Person* const person = person_of(leaf);
    if (person == nullptr) return {};
    ++(restricted ? report_.restricted : report_.lifted);
    return people_repository_.set_restricted(person->id, restricted);
  }

  Services& services_;
  storage::Connection& connection_;
  RestoreReport& report_;
  storage::SubjectRepository people_repository_;
  const Caller operator_;
  std::vector<Person> people_;
  std::unordered_map<base::Uuid, std::size_t> by_fingerprint_;
};

}  // namespace

base::Result<void> replay_tail(Services& services, storage::Connection& connection, const LogTail& tail,
                               RestoreReport& report) {
  Replay replay(services, connection, report);
  EGIDE_TRY_VOID(replay.open_people());
  EGIDE_TRY_VOID(connection.begin_write());
  base::Result<void> done;
  for (const auto& line : tail.leaves) {
    audit::ParsedLeaf leaf;
    done = audit::parse_leaf(line, leaf);
    if (done) done = replay.repeat(leaf.leaf);
    if (!done) break;
  }
  if (done) done = connection.commit();
  if (!done) connection.rollback();
  return done;
}

}  // namespace egide::vault
