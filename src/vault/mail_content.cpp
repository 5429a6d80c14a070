#include "mail_content.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/crypto/random.h"
#include "sealing.h"

namespace egide::vault {
namespace {

FieldPlace place_of(const base::RecordId& id) { return {"mail_outbox", id.str(), "sealed", 1}; }

struct Words {
  const char *subject, *ask, *confirm, *ask_guardian, *phone, *renewal, *open, *nothing, *end;
};
constexpr Words kFrench = {"Votre accord pour : ",
                           "votre accord est demandé pour :",
                           "vous (ou une personne en votre nom) avez demandé à donner votre accord pour :",
                           "votre accord est demandé, en plus de celui de l'enfant, pour :",
                           "vous avez donné votre accord au téléphone pour :",
                           "l'accord donné ici est à renouveler, sinon il prend fin, pour :",
                           "Pour lire le texte d'information et répondre oui ou non, ouvrez cette page :",
                           "Sans réponse de votre part, rien ne se passe. Ouvrir la page ne vaut pas accord.",
                           "Vous pouvez changer d'avis à tout moment, sur la même page."};
constexpr Words kEnglish = {"Your consent to: ",
                            "your consent is asked for, to:",
                            "you (or somebody on your behalf) asked to give consent to:",
                            "your consent is asked for, besides the child's own, to:",
                            "you gave your consent by phone to:",
                            "the consent given here is to be renewed, or it ends, to:",
                            "To read the notice and answer yes or no, open this page:",
                            "Without an answer nothing happens. Opening the page is no consent.",
                            "You can change your mind at any time, on the same page."};

}  // namespace

storage::MailRow make_mail(const Services& services, const SubjectState& recipient, base::ByteView dek,
                           const base::SubjectId& about, const std::string& kind, const MailContent& content,
                           base::Timestamp now) {
  storage::MailRow row;
  row.id = base::RecordId(crypto::time_uuid(now));
  row.recipient = recipient.id;
  row.about = about;
  row.kind = kind;
  row.created_at = row.next_attempt_at = now;
  const nlohmann::json text = {{"to", content.to},
                               {"language", content.language},
                               {"purpose", content.purpose},
                               {"token", content.token},
                               {"child", content.child}};
  row.sealed = seal_field(services, dek, recipient.id, place_of(row.id),
                          text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return row;
}

base::Result<MailContent> open_mail(const Services& services, const storage::MailRow& row) {
  EGIDE_TRY(const auto state, services.living(row.recipient));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, row.recipient, state->keys));
  EGIDE_TRY(const auto text, open_field(services, dek.expose_secret(), row.recipient, place_of(row.id), row.sealed));
  EGIDE_TRY(const auto json, base::parse_json(text));
  base::ObjectReader in(json, "");
  MailContent out;
  out.to = in.required_string("to");
  out.language = in.required_string("language");
  out.purpose = in.required_string("purpose");
  out.token = in.required_string("token");
  out.child = in.optional_string("child", {.min = 0, .max = 4000}).value_or("");
  if (!in.finish()) return base::integrity_violation("A stored mail is damaged");
  return out;
}

OutgoingMail compose_mail(const Services& services, const storage::MailRow& row, const MailContent& content,
                          const std::string& base_url) {
  const bool french = content.language.substr(0, 2) == "fr";
  const Words& words = french ? kFrench : kEnglish;
  const policies::Purpose* purpose = services.pack->find(content.purpose);
  const std::string label = purpose == nullptr ? content.purpose : purpose->label.in(content.language);
  const std::string url = base_url + "/c/" + content.token;
  const bool guardian = row.kind == "guardian_request";
  const char* what = words.ask;
  if (row.kind == "consent_confirmation") what = words.confirm;
  if (guardian) what = words.ask_guardian;
  if (row.kind == "phone_confirmation") what = words.phone;
  if (row.kind == "renewal_request") what = words.renewal;

  OutgoingMail out;
  out.id = row.id.str();
  out.to = content.to;
  out.subject = words.subject + label;
  out.text = std::string(french ? "Bonjour,\n\n" : "Hello,\n\n") + services.organisation + (french ? " : " : ": ") +
             what + "\n\n    " + label + "\n";
  if (!content.child.empty()) out.text += "    (" + content.child + ")\n";
  out.text += std::string("\n") + words.open + "\n\n" + url + "\n\n" + words.nothing + "\n" + words.end + "\n";
  out.unsubscribe_url = url;
  return out;
}

}  // namespace egide::vault
