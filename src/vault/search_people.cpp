// Resource Search: whom may this tool contact for this purpose?
#include <algorithm>

#include "access_gateway.h"
#include "egide/vault/generic_access.h"
#include "egide/vault/search_access.h"
#include "search_change.h"
#include "search_page.h"

namespace egide::vault {
namespace {

constexpr std::size_t kChunk = 512;
constexpr std::size_t kMaxVisited = 20'000;  // people a page decides about; then it ends early

struct Person {
  ContactList::Place place;
  SubjectStatePtr state;  // from which the decision was made
};

struct Walk {
  std::vector<Person> people;
  std::optional<base::Uuid> next;  // behind which the next page begins; nothing: the end
};

// From `position` on, until `limit` people are found and one more is known to follow.
Walk walk(const Services& services, const ContactList& list, const UseDecider& decider,
          std::optional<base::Uuid> position, std::uint64_t limit, base::Timestamp now) {
  Walk out;
  for (std::size_t visited = 0; visited < kMaxVisited;) {
    const auto chunk = list.after(position, kChunk);
    if (chunk.empty()) return out;
    for (const auto& place : chunk) {
      const auto state = services.subjects.find(place.subject);
      if (state != nullptr && decider.permits(*state, now)) {
        if (out.people.size() == limit) {
          // A page of nobody (limit 0) has a next one that begins where it does itself.
          out.next = out.people.empty() ? base::Uuid() : out.people.back().place.pseudonym;
          return out;
        }
        out.people.push_back({place, state});
      }
      position = place.pseudonym;
    }
    visited += chunk.size();
  }
  out.next = position;
  return out;
}

// Categories and automation decide for everybody alike or for nobody, so that the plain question is counted.
std::uint64_t count_all(const Services& services, ContactList& list, const AccessQuestion& question,
                        policies::PurposeIndex purpose, base::Timestamp now) {
  static const std::vector<std::string> kAll;
  const UseDecider decider(services, question.tool, purpose, kAll, std::nullopt);
  ContactList::CountKey key;
  key.version = list.version();
  key.oldest_notice = decider.oldest_notice();
  key.minute = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
  if (const auto known = list.counted(key)) return *known;
  std::uint64_t count = 0;
  std::optional<base::Uuid> position;
  for (auto chunk = list.after(position, kChunk); !chunk.empty(); chunk = list.after(position, kChunk)) {
    for (const auto& place : chunk) {
      const auto state = services.subjects.find(place.subject);
      if (state != nullptr && decider.permits(*state, now)) ++count;
    }
    position = chunk.back().pseudonym;
  }
  list.remember_count(key, count);
  return count;
}

std::optional<base::Uuid> position_of(const PageStart& start) {
  const auto bytes = start.place.empty() ? std::nullopt : base::from_hex(start.place);
  return bytes ? base::Uuid::from_bytes(*bytes) : std::nullopt;
}

}  // namespace

base::Result<Found<FoundUse>> SearchAccess::people(const Caller& caller, const AccessQuestion& question,
                                                   const PageRequest& page) {
  if (caller.role == Role::Tool && question.tool != caller.id && !may_ask_for_any(caller))
    return base::forbidden("A tool's key may ask only for itself");
  EGIDE_TRY(const PageStart start, open_page(services_, caller, page));
  const auto purpose = services_.pack->index_of(question.purpose);
  Found<FoundUse> out;
  out.policy_revision = services_.pack->revision_text();
  out.total = start.total.value_or(0);

  std::optional<UseDecider> decider;
  if (purpose) decider.emplace(services_, question.tool, *purpose, question.categories, question.automation);
  Walk found;
  if (decider && decider->is_granted()) {
    const base::Timestamp now = services_.clock->now();
    EGIDE_TRY(const auto list, services_.gateway->contacts.list(*purpose, question.tool));
    found = walk(services_, *list, *decider, position_of(start), start.limit, now);
    const bool nobody = found.people.empty() && !found.next;
    if (!start.total && !nobody) out.total = count_all(services_, *list, question, *purpose, now);
    if (found.next) {
      const std::string place = found.next->is_nil() ? start.place : base::to_hex(found.next->bytes());
      out.next_token = next_token(services_, caller, page, start, out.total, place);
    }
  }

  SearchChange change(services_, caller, out, [&](base::Timestamp now) {
    const bool current = decider && decider->is_current();
    if (!current && purpose)
      decider.emplace(services_, question.tool, *purpose, question.categories, question.automation);
    const auto gone = [&](const Person& person) {
      const auto state = services_.subjects.find(person.place.subject);
      if (state == person.state && current) return false;
      return state == nullptr || !decider->permits(*state, now);
    };
    found.people.erase(std::remove_if(found.people.begin(), found.people.end(), gone), found.people.end());
    return static_cast<std::uint64_t>(found.people.size());
  });
  if (purpose) change.purpose = &services_.pack->at(*purpose);
  EGIDE_TRY_VOID(services_.committer->commit(change));

  const auto terms = found.people.empty() ? nullptr : decider->terms();
  const bool by_id = caller.role == Role::Dpo;
  out.results.reserve(found.people.size());
  for (const Person& person : found.people)
    out.results.push_back({by_id ? person.place.subject.str() : pseudonym_text(person.place.pseudonym.bytes()), terms});
  return out;
}

}  // namespace egide::vault
