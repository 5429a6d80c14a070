#include "egide/policies/pack.h"

#include "egide/base/check.h"

namespace egide::policies {

const std::string& Text::in(std::string_view language) const {
  static const std::string empty;
  for (const std::string_view wanted : {language, std::string_view("fr"), std::string_view("en")}) {
    const auto found = by_language.find(std::string(wanted));
    if (found != by_language.end()) return found->second;
  }
  return empty;
}

std::string Pack::revision_text() const { return "sha256:" + base::to_hex(revision_); }

std::optional<PurposeIndex> Pack::index_of(std::string_view purpose_id) const noexcept {
  const auto found = index_.find(purpose_id);
  return found == index_.end() ? std::nullopt : std::optional<PurposeIndex>(found->second);
}

const Purpose* Pack::find(std::string_view purpose_id) const noexcept {
  const auto index = index_of(purpose_id);
  return index ? &purposes_[*index] : nullptr;
}

const base::Duration* Pack::find_duration(std::string_view parameter) const noexcept {
  const auto found = durations_.find(parameter);
  return found == durations_.end() ? nullptr : &found->second;
}

const base::Duration& Pack::duration(std::string_view parameter) const {
  const base::Duration* found = find_duration(parameter);
  EGIDE_CHECK(found != nullptr);
  return *found;
}

std::optional<std::int64_t> Pack::integer(std::string_view parameter) const {
  const auto found = integers_.find(parameter);
  return found == integers_.end() ? std::nullopt : std::optional<std::int64_t>(found->second);
}

const std::vector<std::int64_t>* Pack::list(std::string_view parameter) const noexcept {
  const auto found = lists_.find(parameter);
  return found == lists_.end() ? nullptr : &found->second;
}

std::string_view Pack::right(LegalBasis basis, std::string_view right) const {
  const auto found = rights_.find({basis, std::string(right)});
  return found == rights_.end() ? std::string_view("no") : std::string_view(found->second);
}

}  // namespace egide::policies
