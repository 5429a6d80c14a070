#include "egide/vault/search_access.h"

#include <algorithm>

#include "access_gateway.h"
#include "egide/vault/generic_access.h"
#include "search_change.h"
#include "search_page.h"

namespace egide::vault {
namespace {

base::Result<void> check_caller(const Caller& caller, const std::string& tool) {
  if (caller.role == Role::Tool && tool != caller.id && !may_ask_for_any(caller))
    return base::forbidden("A tool's key may ask only for itself");
  return {};
}

std::string detail_of(std::string_view name, const std::string& value) {
  std::string out = "{";
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
  out += '}';
  return out;
}

// Cuts the page out of `all`, and keeps what `still` holds for when the entry is written.
template <typename One>
base::Result<Found<One>> give_page(Services& services, const Caller& caller, const PageRequest& page,
                                   std::vector<One> all, SearchChange* prepared, Found<One>& out) {
  EGIDE_TRY(const PageStart start, open_page(services, caller, page));
  EGIDE_TRY(const Slice slice, slice_of(start, all.size()));
  out.total = start.total.value_or(all.size());
  out.results.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(slice.first)),
                     std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(slice.end)));
  if (slice.end < all.size())
    out.next_token = next_token(services, caller, page, start, out.total, std::to_string(slice.end));
  EGIDE_TRY_VOID(services.committer->commit(*prepared));
  return std::move(out);
}

// One person, whose state is looked at for each result.
struct OnePerson {
  std::optional<base::SubjectId> id;
  SubjectStatePtr state;

  static OnePerson find(const Services& services, std::optional<base::SubjectId> id) {
    OnePerson out;
    out.id = id;
    if (id) out.state = services.subjects.find(*id);
    return out;
  }
};

base::Result<void> prepare_entry(const Services& services, SearchChange& change, const SubjectStatePtr& state,
                                 const std::string& detail) {
  if (state == nullptr || state->erased) return {};
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services, *state, detail));
  change.entry.emplace(std::move(entry));
  return {};
}

}  // namespace

base::Result<Found<FoundUse>> SearchAccess::purposes(const Caller& caller, const AccessQuestion& question,
                                                     const PageRequest& page) {
  EGIDE_TRY_VOID(check_caller(caller, question.tool));
  Found<FoundUse> out;
  out.policy_revision = services_.pack->revision_text();
  struct Use {
    UseDecider decider;
    OnePerson person;
  };
  std::map<std::string, Use> uses;  // by purpose
  const auto tool = services_.accounts.tool(question.tool);
  const base::Timestamp now = services_.clock->now();
  SubjectStatePtr concerned;
  std::vector<FoundUse> all;
  if (tool != nullptr && tool->row.active) {
    for (const auto& grant : tool->grants) {
      const std::string& purpose = services_.pack->at(grant.purpose).id.str();
      EGIDE_TRY(const auto id, services_.resolve_person(question.person, question.tool, purpose));
      Use use{UseDecider(services_, question.tool, grant.purpose, question.categories, question.automation),
              OnePerson::find(services_, id)};
      if (use.person.state == nullptr) continue;
      concerned = use.person.state;
      if (use.decider.permits(*use.person.state, now)) uses.emplace(purpose, std::move(use));
    }
  }
  all.reserve(uses.size());
  for (const auto& [purpose, use] : uses) all.push_back({purpose, use.decider.terms()});
  SearchChange change(services_, caller, out, [&](base::Timestamp then) {
    const auto gone = [&](const FoundUse& found) {
      const Use& use = uses.at(found.id);
      const auto state = services_.subjects.find(*use.person.id);
      if (state == use.person.state && use.decider.is_current()) return false;
      const UseDecider again(services_, question.tool, *services_.pack->index_of(found.id), question.categories,
                             question.automation);
      return state == nullptr || !again.permits(*state, then);
    };
    out.results.erase(std::remove_if(out.results.begin(), out.results.end(), gone), out.results.end());
    return static_cast<std::uint64_t>(out.results.size());
  });
  EGIDE_TRY_VOID(prepare_entry(services_, change, concerned, detail_of("tool", question.tool)));
  return give_page(services_, caller, page, std::move(all), &change, out);
}

base::Result<Found<FoundUse>> SearchAccess::tools(const Caller& caller, const AccessQuestion& question,
                                                  const PageRequest& page) {
  Found<FoundUse> out;
  out.policy_revision = services_.pack->revision_text();
  const auto purpose = services_.pack->index_of(question.purpose);
  std::optional<base::SubjectId> id;
  if (purpose && caller.role == Role::Tool) {
    EGIDE_TRY(id, services_.resolve_person(question.person, caller.id, question.purpose));
  } else if (purpose) {
    id = base::SubjectId::parse(question.person);
    if (caller.role == Role::Subject && id != caller.subject) id.reset();
  }
  const OnePerson person = OnePerson::find(services_, id);
  const base::Timestamp now = services_.clock->now();
  std::map<std::string, UseDecider> deciders;
  std::vector<FoundUse> all;
  if (person.state != nullptr) {
    for (const auto& tool : services_.accounts.tools()) {
      const std::string& name = tool->row.id.str();
      if (caller.role == Role::Tool && name != caller.id && !may_ask_for_any(caller)) continue;
      const UseDecider decider(services_, name, *purpose, question.categories, question.automation);
      if (!decider.permits(*person.state, now)) continue;
      all.push_back({name, decider.terms()});
      deciders.emplace(name, decider);
    }
  }
  SearchChange change(services_, caller, out, [&](base::Timestamp then) {
    const auto state = id ? services_.subjects.find(*id) : nullptr;
    const auto gone = [&](const FoundUse& found) {
      if (state == person.state && deciders.at(found.id).is_current()) return false;
      const UseDecider again(services_, found.id, *purpose, question.categories, question.automation);
      return state == nullptr || !again.permits(*state, then);
    };
    out.results.erase(std::remove_if(out.results.begin(), out.results.end(), gone), out.results.end());
    return static_cast<std::uint64_t>(out.results.size());
  });
  if (purpose) change.purpose = &services_.pack->at(*purpose);
  EGIDE_TRY_VOID(prepare_entry(services_, change, person.state, detail_of("search", "tools")));
  return give_page(services_, caller, page, std::move(all), &change, out);
}

base::Result<Found<policies::GenericName>> SearchAccess::generic(const Caller& caller,
                                                                 const policies::GenericRequest& request,
                                                                 GenericSearch what, const PageRequest& page) {
  if (!may_ask_for_any(caller)) return base::forbidden("A tool's key may ask only for itself");
  const policies::GenericPolicies& policies = *services_.gateway->generic;
  std::vector<policies::GenericName> all;
  switch (what) {
    case GenericSearch::Subjects:
      all = policies.search_subjects(request);
      break;
    case GenericSearch::Resources:
      all = policies.search_resources(request);
      break;
    case GenericSearch::Actions:
      for (auto& name : policies.search_actions(request)) all.push_back({{}, std::move(name)});
      break;
  }
  Found<policies::GenericName> out;
  out.policy_revision = policies.revision_text();
  SearchChange change(services_, caller, out,
                      [&out](base::Timestamp) { return static_cast<std::uint64_t>(out.results.size()); });
  change.policy = &policies.revision();
  return give_page(services_, caller, page, std::move(all), &change, out);
}

base::Result<FoundPage> SearchAccess::nothing(const Caller& caller, const PageRequest& page) {
  EGIDE_TRY([[maybe_unused]] const PageStart start, open_page(services_, caller, page));
  FoundPage out;
  out.policy_revision = services_.pack->revision_text();
  SearchChange change(services_, caller, out, [](base::Timestamp) { return std::uint64_t{0}; });
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return out;
}

}  // namespace egide::vault
