#include "projection.h"

#include <algorithm>

namespace egide::vault {

const PurposeConsent* SubjectState::consent(policies::PurposeIndex purpose) const noexcept {
  const auto found = std::lower_bound(consents.begin(), consents.end(), purpose,
                                      [](const PurposeConsent& c, policies::PurposeIndex p) { return c.purpose < p; });
  return found != consents.end() && found->purpose == purpose ? &*found : nullptr;
}

PurposeConsent& SubjectState::consent_for(policies::PurposeIndex purpose) {
  const auto found = std::lower_bound(consents.begin(), consents.end(), purpose,
                                      [](const PurposeConsent& c, policies::PurposeIndex p) { return c.purpose < p; });
  if (found != consents.end() && found->purpose == purpose) return *found;
  PurposeConsent added;
  added.purpose = purpose;
  return *consents.insert(found, added);
}

SubjectProjection::Shard& SubjectProjection::shard(const base::SubjectId& id) {
  return shards_[std::to_integer<std::size_t>(id.bytes()[0]) % kShards];
}
const SubjectProjection::Shard& SubjectProjection::shard(const base::SubjectId& id) const {
  return shards_[std::to_integer<std::size_t>(id.bytes()[0]) % kShards];
}

SubjectStatePtr SubjectProjection::find(const base::SubjectId& id) const {
  const Shard& s = shard(id);
  const std::shared_lock lock(s.mutex);
  const auto found = s.nodes.find(id);
  return found == s.nodes.end() ? nullptr : found->second.state;
}

void SubjectProjection::put(SubjectStatePtr state) {
  const std::string entered = state->erased ? std::string() : state->facts.departement;
  const SubjectStatePtr kept = state;
  std::string left;
  {
    Shard& s = shard(state->id);
    const std::unique_lock lock(s.mutex);
    SubjectStatePtr& held = s.nodes[state->id].state;
    if (held != nullptr && !held->erased) left = held->facts.departement;
    held = std::move(state);
  }
  if (observer_ != nullptr) observer_->changed(*kept);
  if (entered == left) return;
  const std::lock_guard lock(areas_mutex_);
  if (!left.empty()) --areas_[left];
  if (!entered.empty()) ++areas_[entered];
}

std::int64_t SubjectProjection::people_in(const std::string& departement) const {
  const std::lock_guard lock(areas_mutex_);
  const auto found = areas_.find(departement);
  return found == areas_.end() ? 0 : found->second;
}

std::int64_t SubjectProjection::living_count() const {
  std::int64_t count = 0;
  for_each([&count](const SubjectStatePtr& state) { count += state->erased ? 0 : 1; });
  return count;
}

std::uint64_t SubjectProjection::last_entry(const base::SubjectId& id) const {
  const Shard& s = shard(id);
  const std::shared_lock lock(s.mutex);
  const auto found = s.nodes.find(id);
  return found == s.nodes.end() ? 0 : found->second.last_entry;
}

void SubjectProjection::set_last_entry(const base::SubjectId& id, std::uint64_t index_plus_one) {
  Shard& s = shard(id);
  const std::unique_lock lock(s.mutex);
  const auto found = s.nodes.find(id);
  if (found != s.nodes.end()) found->second.last_entry = index_plus_one;
}

namespace {

// Only what can be told from the facts in memory: the clock of the last contact, and leaving. Other triggers (a receipt
// issued, a year's end) belong to records, not to a decision about a person.
bool retention_has_elapsed(const SubjectState& state, const policies::Purpose& purpose, base::Timestamp now) {
  const auto end_of = [](base::Date from, const base::Duration& duration) {
    return base::add(base::Timestamp(std::chrono::sys_days(from)), duration);
  };
  if (purpose.retention.trigger == "last_contact" && purpose.retention.active_duration && state.facts.last_contact)
    return end_of(*state.facts.last_contact, *purpose.retention.active_duration) <= now;
  if ((purpose.retention.trigger == "leave" || purpose.retention.trigger == "withdrawal_or_leave") &&
      purpose.retention.after && state.facts.left)
    return end_of(*state.facts.left, *purpose.retention.after) <= now;
  return false;
}

}  // namespace

policies::SubjectFacts facts_for(const SubjectState& state, policies::PurposeIndex purpose, const policies::Pack& pack,
                                 base::Timestamp now) {
  const policies::Purpose& rules = pack.at(purpose);
  policies::SubjectFacts facts;
  facts.exists = true;
  facts.erased = state.erased;
  facts.restricted = state.restricted;
  facts.retention_elapsed = retention_has_elapsed(state, rules, now);
  facts.objected = std::find(state.objections.begin(), state.objections.end(), purpose) != state.objections.end();
  facts.art9_condition_recorded = !rules.special_category_basis.empty();
  facts.birth_date = state.facts.birth_date;
  if (const PurposeConsent* consent = state.consent(purpose)) {
    facts.consent = consent->person.facts;
    facts.guardian_consent = consent->guardian.facts;
  }
  return facts;
}

std::string pseudonym_text(const crypto::Pseudonym& pseudonym) { return "p_" + base::to_base64url(pseudonym); }

base::Result<std::shared_ptr<PseudonymDomains::Domain>> PseudonymDomains::domain(const std::string& purpose,
                                                                                 const std::string& tool) {
  const auto key = std::make_pair(purpose, tool);
  {
    const std::shared_lock lock(mutex_);
    const auto found = domains_.find(key);
    if (found != domains_.end()) return found->second;
  }
  EGIDE_TRY(auto derived, keys_.pseudonym_domain(purpose, tool));
  const std::unique_lock lock(mutex_);
  const auto [at, inserted] = domains_.emplace(key, nullptr);
  if (inserted || at->second == nullptr) at->second = std::make_shared<Domain>(std::move(derived));
  return at->second;
}

base::Result<std::string> PseudonymDomains::pseudonym(const std::string& purpose, const std::string& tool,
                                                      const base::SubjectId& subject) {
  EGIDE_TRY(const auto found, domain(purpose, tool));
  return pseudonym_text(found->key.of(subject));
}

void PseudonymDomains::complete(Domain& domain) {
  const std::unique_lock lock(domain.mutex);
  if (domain.complete) return;
  // New people are added under the same lock, so nobody is missed between the walk and the mark.
  subjects_.for_each([&](const SubjectStatePtr& state) {
    domain.subject_of.emplace(base::Uuid(domain.key.of(state->id)), state->id);
  });
  domain.complete = true;
}

base::Result<std::optional<base::SubjectId>> PseudonymDomains::resolve(const std::string& purpose,
                                                                       const std::string& tool, std::string_view text) {
  if (text.size() != 24 || !text.starts_with("p_")) return std::optional<base::SubjectId>();
  const auto bytes = base::from_base64url(text.substr(2));
  const auto pseudonym = bytes ? base::Uuid::from_bytes(*bytes) : std::nullopt;
  if (!pseudonym) return std::optional<base::SubjectId>();
  EGIDE_TRY(const auto found, domain(purpose, tool));
  bool ready = false;
  {
    const std::shared_lock lock(found->mutex);
    ready = found->complete;
  }
  if (!ready) complete(*found);
  const std::shared_lock lock(found->mutex);
  const auto at = found->subject_of.find(*pseudonym);
  return at == found->subject_of.end() ? std::optional<base::SubjectId>() : std::optional<base::SubjectId>(at->second);
}

void PseudonymDomains::added(const base::SubjectId& subject) {
  const std::shared_lock lock(mutex_);
  for (const auto& [key, domain] : domains_) {
    const std::unique_lock domain_lock(domain->mutex);
    // A domain not walked yet meets this person on its walk.
    if (domain->complete) domain->subject_of.emplace(base::Uuid(domain->key.of(subject)), subject);
  }
}

}  // namespace egide::vault
