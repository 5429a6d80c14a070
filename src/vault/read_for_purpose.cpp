#include "egide/vault/read_for_purpose.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "egide/vault/read_answer.h"
#include "entries.h"
#include "new_subject.h"

namespace egide::vault {
namespace {

class PseudonymsChange final : public LoggedChange {
 public:
  PseudonymsChange(Services& services, const Caller& caller, const policies::Purpose& purpose)
      : LoggedChange(services), caller_(caller), purpose_(purpose) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EntryFields fields;
    fields.event = audit::event::kPseudonymsRead;
    fields.caller = &caller_;
    fields.purpose = purpose_.id.str();
    fields.outcome = audit::Outcome::Allow;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
  const policies::Purpose& purpose_;
};

bool is_granted(const ToolState& tool, policies::PurposeIndex purpose) {
  for (const auto& grant : tool.grants)
    if (grant.purpose == purpose) return true;
  return false;
}

}  // namespace

base::Result<ReadAnswer> ReadForPurpose::execute(const Caller& caller, const std::string& person,
                                                 const std::string& purpose, const std::vector<std::string>& fields) {
  if (caller.tool == nullptr) return base::forbidden("Only a tool reads for a purpose");
  AccessQuestion question;
  question.tool = caller.id;
  question.person = person;
  question.purpose = purpose;
  question.categories = fields;

  ReadAnswer out;
  // The evaluation's entry is the entry of this read: it is durable before a value leaves, and its detail names the
  // categories.
  EGIDE_TRY(out.access, EvaluateAccess(services_).execute(caller, question));
  if (!out.access.decision.permit) return out;

  const base::SubjectId id = *out.access.subject;
  EGIDE_TRY(out.pseudonym, services_.pseudonyms->pseudonym(purpose, caller.id, id));
  EGIDE_TRY(const auto state, services_.living(id));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, id, state->keys));
  const policies::Purpose& rules = *services_.pack->find(purpose);
  auto to_open = policies::categories_read_aside(rules, out.access.terms->categories);
  to_open.insert(to_open.end(), out.access.terms->categories.begin(), out.access.terms->categories.end());
  Attributes attributes;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(const auto rows, storage::SubjectRepository(*reads).attributes(id));
    std::vector<storage::AttributeRow> needed;
    for (const auto& row : rows)
      for (const auto& category : to_open)
        if (policies::category_covers(category, row.category)) {
          needed.push_back(row);
          break;
        }
    EGIDE_TRY(attributes, open_attributes(services_, dek.expose_secret(), id, needed));
  }

  policies::TransformContext context;
  context.today = base::central_european_date(services_.clock->now());
  context.pseudonym = out.pseudonym;
  context.keyed_hash = [&](std::string_view category, std::string_view value) {
    // Under the pseudonym's own domain: the same value has another hash for another tool or purpose.
    const auto mac = services_.keys->authenticate("egide/keyed-hash/v1",
                                                  crypto::enc({base::as_bytes(purpose), base::as_bytes(caller.id),
                                                               base::as_bytes(category), base::as_bytes(value)}));
    return "h_" + base::to_base64url(base::ByteView(mac).first(16));
  };
  context.people_in_area = [&](std::string_view area) { return services_.subjects.people_in(std::string(area)); };
  out.data = policies::transform_fields(rules, attributes, out.access.terms->categories, *services_.pack, context);
  return out;
}

base::Result<std::vector<std::string>> ListPseudonyms::execute(const Caller& caller, const std::string& purpose,
                                                               const std::vector<std::string>& people) {
  const auto index = services_.pack->index_of(purpose);
  if (caller.tool == nullptr || !index || !is_granted(*caller.tool, *index))
    return base::forbidden("The purpose is not granted to this tool");
  std::vector<std::string> out;
  out.reserve(people.size());
  for (const auto& person : people) {
    EGIDE_TRY(const auto id, services_.resolve_person(person, caller.id, purpose));
    const auto state = id ? services_.subjects.find(*id) : nullptr;
    if (state == nullptr || state->erased) {
      out.emplace_back();
      continue;
    }
    EGIDE_TRY(auto pseudonym, services_.pseudonyms->pseudonym(purpose, caller.id, *id));
    out.push_back(std::move(pseudonym));
  }
  PseudonymsChange change(services_, caller, services_.pack->at(*index));
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return out;
}

}  // namespace egide::vault
