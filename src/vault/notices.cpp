#include "egide/vault/notices.h"

#include <algorithm>
#include <cctype>

#include "egide/base/json.h"
#include "egide/storage/consent_repository.h"
#include "entries.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

constexpr std::size_t kMaxText = 20000;

base::Error no_such_purpose() { return base::not_found("There is no such purpose in the policy pack"); }

NoticeView view_of(const std::string& purpose, const NoticeVersion& notice) {
  NoticeView view;
  view.purpose = purpose;
  view.version = notice.version;
  view.texts = notice.texts;
  for (const auto& [language, hash] : notice.hashes) view.sha256[language] = base::to_hex(hash);
  view.summary = notice.summary;
  view.material = notice.material;
  view.oldest_acceptable = notice.oldest_acceptable;
  if (notice.issued_at != base::Timestamp()) view.issued_at = notice.issued_at;
  return view;
}

bool is_language(std::string_view text) {
  return text.size() >= 2 && text.size() <= 35 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

// As it is shown and hashed: UTF-8 with line feeds, without white space around.
std::string as_shown(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  constexpr std::string_view kWhite = " \t\r\n";
  const auto first = out.find_first_not_of(kWhite);
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(kWhite) + 1 - first);
}

base::Result<void> check(const NewNotice& notice) {
  std::vector<base::FieldError> mistakes;
  for (const char* needed : {"fr", "en"})
    if (notice.texts.find(needed) == notice.texts.end())
      mistakes.push_back({std::string("/texts/") + needed, "is required", 0});
  for (const auto& [language, text] : notice.texts) {
    if (!is_language(language))
      mistakes.push_back({"/texts", "must be keyed by language tags such as fr and en", 0});
    else if (text.empty() || text.size() > kMaxText)
      mistakes.push_back({"/texts/" + language, "must have between 1 and 20000 bytes", 0});
    else if (!base::is_valid_utf8(text))
      mistakes.push_back({"/texts/" + language, "must be UTF-8", 0});
  }
  if (notice.summary.size() > 1000) mistakes.push_back({"/summary", "must have at most 1000 bytes", 0});
  if (mistakes.empty()) return {};
  return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes));
}

// The version is taken on the committer's thread, so two publications at once get two numbers.
class PublishChange final : public LoggedChange {
 public:
  PublishChange(Services& services, const Caller& caller, policies::PurposeIndex purpose, const NewNotice& notice)
      : LoggedChange(services), caller_(caller), purpose_(purpose), notice_(notice) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    const NoticeVersion current = services_.notices.current(purpose_);
    const policies::Purpose& purpose = services_.pack->at(purpose_);
    storage::NoticeRow row;
    row.purpose = purpose.id.str();
    row.version = current.version + 1;
    row.texts = notice_.texts;
    row.summary = notice_.summary;
    row.material = notice_.material;
    row.oldest_acceptable = notice_.material ? row.version : current.oldest_acceptable;
    row.issued_at = context.now();
    EGIDE_TRY_VOID(storage::ConsentRepository(context.connection()).insert_notice(row));
    EntryFields fields;
    fields.event = audit::event::kNoticePublished;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    EGIDE_TRY(const auto index, append(context, fields));
    EGIDE_TRY_VOID(WebhookQueue(services_, context).notice_published(purpose_, row.version, row.material, index));
    added_.version = row.version;
    added_.texts = row.texts;
    added_.summary = row.summary;
    added_.material = row.material;
    added_.oldest_acceptable = row.oldest_acceptable;
    added_.issued_at = row.issued_at;
    return {};
  }
  int version() const noexcept { return added_.version; }

 private:
  void publish() noexcept override { services_.notices.add(purpose_, added_); }
  const Caller& caller_;
  policies::PurposeIndex purpose_;
  const NewNotice& notice_;
  NoticeVersion added_;
};

PurposeView view_of(const Services& services, policies::PurposeIndex index) {
  const policies::Purpose& purpose = services.pack->at(index);
  PurposeView view;
  view.id = purpose.id.str();
  view.is_ai = purpose.is_ai;
  view.label = purpose.label.by_language;
  view.description = purpose.description.by_language;
  view.legal_basis = policies::dpv_id(purpose.basis);
  view.data_subjects = purpose.data_subjects;
  view.data_categories = purpose.data_categories;
  view.forbidden_categories = purpose.forbidden_categories;
  view.rights = purpose.rights;
  view.automation = policies::name_of(purpose.automation);
  view.effect = policies::name_of(purpose.effect);
  view.objection = policies::name_of(purpose.objection);
  view.minors = policies::name_of(purpose.minors);
  if (purpose.consent)
    view.consent = PurposeView::Consent{purpose.consent->explicit_consent, purpose.consent->double_opt_in};
  view.notice = view_of(view.id, services.notices.current(index));
  return view;
}

}  // namespace

base::Result<std::vector<NoticeView>> ListNotices::execute(const std::string& purpose) const {
  const auto index = services_.pack->index_of(purpose);
  if (!index) return no_such_purpose();
  std::vector<NoticeView> out;
  for (const auto& notice : services_.notices.versions(*index)) out.push_back(view_of(purpose, notice));
  return out;
}

base::Result<NoticeView> PublishNotice::execute(const Caller& caller, const std::string& purpose,
                                                const NewNotice& notice) {
  const auto index = services_.pack->index_of(purpose);
  if (!index) return no_such_purpose();
  NewNotice shown = notice;
  for (auto& [language, text] : shown.texts) text = as_shown(text);
  EGIDE_TRY_VOID(check(shown));
  PublishChange change(services_, caller, *index, shown);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  const auto published = services_.notices.version(*index, change.version());
  EGIDE_CHECK(published.has_value());
  return view_of(purpose, *published);
}

base::Result<PurposeView> GetPurpose::execute(const std::string& id) const {
  const auto index = services_.pack->index_of(id);
  if (!index) return no_such_purpose();
  return view_of(services_, *index);
}

std::vector<PurposeView> ListPurposes::execute() const {
  std::vector<PurposeView> out;
  for (std::size_t i = 0; i < services_.pack->purposes().size(); ++i)
    out.push_back(view_of(services_, static_cast<policies::PurposeIndex>(i)));
  return out;
}

}  // namespace egide::vault
