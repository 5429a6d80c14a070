#include "load_projection.h"

#include "egide/storage/consent_repository.h"
#include "egide/storage/log_store.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/consents.h"
#include "sealing.h"

namespace egide::vault {
namespace {

using Building = std::unordered_map<base::SubjectId, std::shared_ptr<SubjectState>>;

base::Result<void> load_people(const Services& services, storage::SubjectRepository& people, Building& building) {
  return people.for_each([&](storage::SubjectRow&& row) -> base::Result<void> {
    auto state = std::make_shared<SubjectState>();
    state->id = row.id;
    state->row_version = row.version;
    state->erased = row.status == storage::SubjectStatus::Erased;
    if (!state->erased) {
      state->restricted = row.restricted;
      state->locale = std::move(row.locale);
      state->keys = std::move(row.keys);
      EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, row.id, state->keys));
      EGIDE_TRY(const auto facts,
                open_field(services, dek.expose_secret(), row.id, {"subject", row.id.str(), "facts", 1}, row.facts));
      EGIDE_TRY(state->facts, facts_from_text(facts));
    }
    building.emplace(row.id, std::move(state));
    return {};
  });
}

// Events come in the order of each chain, so the state after the last one is the present state.
base::Result<void> load_consents(const Services& services, storage::Connection& connection, Building& building) {
  const storage::ConsentRepository consents(connection);
  bool impossible = false;
  EGIDE_TRY_VOID(consents.for_each([&](const storage::ConsentEventRow& row) {
    const auto person = building.find(row.subject);
    const auto purpose = services.pack->index_of(row.purpose);
    if (person == building.end() || !purpose) return;
    PurposeConsent& both = person->second->consent_for(*purpose);
    PartyConsent& party = row.party == storage::ConsentParty::Guardian ? both.guardian : both.person;
    const auto next = next_consent_state(party.facts.state, row.type);
    if (!next) {
      impossible = true;
      return;
    }
    party.facts.state = *next;
    party.facts.valid_until = row.valid_until;
    party.facts.notice_version = row.notice_version;
    party.facts.refused_at.reset();
    if (*next == policies::ConsentState::Refused) party.facts.refused_at = row.at;
    party.record = row.id;
    party.sequence = row.sequence;
  }));
  if (impossible) return base::integrity_violation("A stored consent event can't follow the one before it");
  return {};
}

base::Result<void> load_accounts(Services& services, storage::Connection& connection) {
  const storage::AccountRepository accounts(connection);
  EGIDE_TRY(auto tools, accounts.tools());
  for (auto& row : tools) {
    EGIDE_TRY(auto state, make_tool_state(std::move(row), *services.pack));
    services.accounts.put(std::make_shared<const ToolState>(std::move(state)));
  }
  EGIDE_TRY(auto staff, accounts.accounts());
  for (auto& row : staff) {
    AccountState state;
    const auto role = parse_role(row.role);
    if (!role) return base::integrity_violation("A stored account has no known role");
    state.role = *role;
    state.row = std::move(row);
    services.accounts.put(std::make_shared<const AccountState>(std::move(state)));
  }
  return {};
}

}  // namespace

base::Result<void> load_projection(Services& services, storage::Connection& connection) {
  EGIDE_TRY_VOID(load_accounts(services, connection));
  EGIDE_TRY(const auto notices, storage::ConsentRepository(connection).all_notices());
  services.notices.load(*services.pack, notices);

  storage::SubjectRepository people(connection);
  Building building;
  EGIDE_TRY_VOID(load_people(services, people, building));
  EGIDE_TRY_VOID(load_consents(services, connection, building));
  EGIDE_TRY_VOID(people.for_each_objection([&](const base::SubjectId& id, std::string_view purpose) {
    const auto person = building.find(id);
    const auto index = services.pack->index_of(purpose);
    if (person != building.end() && index) person->second->objections.push_back(*index);
  }));
  for (auto& [id, state] : building) services.subjects.put(std::move(state));
  return storage::LogStore(connection).scan_subjects([&](const base::SubjectId& id, std::uint64_t index) {
    services.subjects.set_last_entry(id, index + 1);
  });
}

}  // namespace egide::vault
