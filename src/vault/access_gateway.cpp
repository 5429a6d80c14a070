#include "access_gateway.h"

#include <algorithm>

namespace egide::vault {
namespace {

// Rows 4, 5, 7, 10 and 11 of the table, as far as they last. Must never exclude somebody whom decide() would permit.
bool may_be_contacted(const SubjectState& state, policies::PurposeIndex index, const policies::Purpose& purpose) {
  if (state.erased) return false;
  if (state.restricted && purpose.restriction_exception.empty()) return false;
  if (purpose.objection != policies::Objection::None &&
      std::find(state.objections.begin(), state.objections.end(), index) != state.objections.end())
    return false;
  if (purpose.basis != policies::LegalBasis::Consent) return true;
  const PurposeConsent* consent = state.consent(index);
  return consent != nullptr && policies::is_valid_for_processing(consent->person.facts.state);
}

}  // namespace

std::vector<ContactList::Place> ContactList::after(const std::optional<base::Uuid>& position, std::size_t count) const {
  std::vector<Place> out;
  const std::shared_lock lock(mutex_);
  out.reserve(std::min(count, people_.size()));
  auto at = position ? people_.upper_bound(*position) : people_.begin();
  for (; at != people_.end() && out.size() < count; ++at) out.push_back({at->first, at->second});
  return out;
}

std::uint64_t ContactList::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

std::optional<std::uint64_t> ContactList::counted(const CountKey& key) const {
  const std::shared_lock lock(mutex_);
  return count_key_ == key ? count_ : std::nullopt;
}

void ContactList::remember_count(const CountKey& key, std::uint64_t count) {
  const std::unique_lock lock(mutex_);
  count_key_ = key;
  count_ = count;
}

void ContactList::put(const SubjectState& state, const policies::Purpose& purpose) {
  const std::unique_lock lock(mutex_);
  put_locked(state, purpose);
}

void ContactList::put_locked(const SubjectState& state, const policies::Purpose& purpose) {
  const base::Uuid pseudonym(key_.of(state.id));
  ++version_;
  if (may_be_contacted(state, purpose_, purpose))
    people_.emplace(pseudonym, state.id);
  else
    people_.erase(pseudonym);
}

base::Result<std::shared_ptr<ContactList>> ContactLists::list(policies::PurposeIndex purpose, const std::string& tool) {
  const Key key(purpose, tool);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = lists_.find(key); found != lists_.end()) return found->second;
  }
  const policies::Purpose& rules = pack_.at(purpose);
  EGIDE_TRY(auto domain, keys_.pseudonym_domain(rules.id.str(), tool));
  const auto made = std::make_shared<ContactList>(std::move(domain), purpose);
  // Locked before it can be found: readers wait for the whole list, and so do changes, which then come after the walk
  // and have the last word. A change before that is in the states the walk sees.
  const std::unique_lock list_lock(made->mutex_);
  {
    const std::unique_lock lock(mutex_);
    if (const auto [at, inserted] = lists_.emplace(key, made); !inserted) return at->second;
  }
  subjects_.for_each([&](const SubjectStatePtr& state) { made->put_locked(*state, rules); });
  return made;
}

void ContactLists::changed(const SubjectState& state) noexcept {
  // Never waits for a list while holding the table of lists: who makes a list takes them in the other order. A list
  // that is added meanwhile meets this state on its walk.
  std::vector<std::pair<policies::PurposeIndex, std::shared_ptr<ContactList>>> present;
  {
    const std::shared_lock lock(mutex_);
    present.reserve(lists_.size());
    for (const auto& [key, list] : lists_) present.emplace_back(key.first, list);
  }
  for (const auto& [purpose, list] : present) list->put(state, pack_.at(purpose));
}

}  // namespace egide::vault
