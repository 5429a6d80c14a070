// What a mail says, before it is a text: sealed under the recipient's key while it waits.
//
// Thread safety: free functions; may be called from many threads.
#pragma once

#include <string>

#include "egide/storage/mail_repository.h"
#include "egide/vault/mail.h"
#include "services.h"

namespace egide::vault {

struct MailContent {
  std::string to;        // address
  std::string language;  // "fr" or another of the notice's
  std::string purpose;
  std::string token;  // of the link; stored nowhere else in clear
  std::string child;  // name of the child, in a guardian's mail; empty: unknown
};

storage::MailRow make_mail(const Services& services, const SubjectState& recipient, base::ByteView dek,
                           const base::SubjectId& about, const std::string& kind, const MailContent& content,
                           base::Timestamp now);
// Gone when the recipient has been erased. Integrity when it does not open.
base::Result<MailContent> open_mail(const Services& services, const storage::MailRow& row);
// French where the language is French, else English.
OutgoingMail compose_mail(const Services& services, const storage::MailRow& row, const MailContent& content,
                          const std::string& base_url);

}  // namespace egide::vault
