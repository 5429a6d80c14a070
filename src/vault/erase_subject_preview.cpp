#include <array>

#include "egide/storage/decision_repository.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/requests.h"
#include "request_chain.h"

namespace egide::vault {
namespace {

// The tables that an erasure empties of a person. Each has an index on subject_id.
struct Counted {
  std::string_view table, sql;
};
constexpr std::array kCounted = {
    Counted{"attribute", "SELECT count(*) FROM attribute WHERE subject_id = ?1"},
    Counted{"blind_index", "SELECT count(*) FROM blind_index WHERE subject_id = ?1"},
    Counted{"objection", "SELECT count(*) FROM objection WHERE subject_id = ?1"},
    Counted{"consent_event", "SELECT count(*) FROM consent_event WHERE subject_id = ?1"},
    Counted{"mail_outbox", "SELECT count(*) FROM mail_outbox WHERE subject_id = ?1 OR about_id = ?1"},
    Counted{"consent_link", "SELECT count(*) FROM consent_link WHERE subject_id = ?1 OR guardian_id = ?1"},
    Counted{"guardianship", "SELECT count(*) FROM guardianship WHERE child_id = ?1 OR guardian_id = ?1"},
    Counted{"package", "SELECT count(*) FROM package WHERE subject_id = ?1"},
    Counted{"idempotency", "SELECT count(*) FROM idempotency WHERE subject_id = ?1"},
    Counted{"access_request", "SELECT count(*) FROM access_request WHERE subject_id = ?1"},
    Counted{"request", "SELECT count(*) FROM request WHERE subject_id = ?1"},
    Counted{"reidentification", "SELECT count(*) FROM reidentification WHERE subject_id = ?1"},
    Counted{"webhook_delivery", "SELECT count(*) FROM webhook_delivery WHERE subject_id = ?1"},
};

base::Result<std::int64_t> count(storage::Connection& connection, std::string_view sql,
                                 const base::SubjectId& subject) {
  storage::Statement& s = connection.prepare(sql);
  s.bind(1, subject.bytes());
  EGIDE_TRY([[maybe_unused]] const bool row, s.step());
  const std::int64_t rows = s.integer(0);
  s.reset();
  return rows;
}

base::Result<void> may_preview(const Caller& caller, const base::SubjectId& subject) {
  if (caller.subject ? *caller.subject == subject : caller.role == Role::Dpo) return {};
  return base::forbidden("An erasure is previewed by the person or the data protection officer");
}

}  // namespace

base::Result<ErasurePreview> PreviewErasure::execute(const Caller& caller, const base::SubjectId& subject) {
  EGIDE_TRY_VOID(may_preview(caller, subject));
  EGIDE_TRY(const auto state, services_.living(subject));
  EGIDE_TRY_VOID(log_person_read(services_, caller, *state, audit::event::kRecordRead, subject.uuid(),
                                 R"({"fields":["erasure_preview"]})"));
  EGIDE_TRY(const auto head, durable_chain_head(services_, subject));

  EGIDE_TRY(const auto reads, services_.reads->lease());
  ErasurePreview preview;
  for (const auto& [table, sql] : kCounted) {
    EGIDE_TRY(const auto rows, count(*reads, sql, subject));
    if (rows > 0) preview.erased.push_back({std::string(table), rows});
  }
  EGIDE_TRY(const auto attributes, storage::SubjectRepository(*reads).attributes(subject));
  for (const auto& attribute : attributes) preview.categories.push_back(attribute.category);
  const storage::DecisionRepository decisions(*reads);
  EGIDE_TRY_VOID(walk_chain(storage::LogStore(*reads), subject, head,
                            [&](const storage::LogStore::Detail& detail) -> base::Result<void> {
                              ++preview.log_entries_kept;
                              if (!detail.sealed.empty()) ++preview.log_details;
                              EGIDE_TRY(const auto decision, decisions.find_by_log_index(detail.index));
                              if (decision) ++preview.decisions;
                              return {};
                            }));
  return preview;
}

}  // namespace egide::vault
