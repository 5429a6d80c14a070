// Sends mail by SMTP, with libcurl. TLS is required, except towards this machine itself.
//
// Thread safety: one thread at a time, as MailSender says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"
#include "egide/vault/mail.h"

namespace egide::app {

struct SmtpSettings {
  std::string url;               // "smtp://mail.example.org:587" (STARTTLS) or "smtps://mail.example.org"
  std::string from;              // address
  std::string name;              // of the sender: the organisation
  std::string credentials_file;  // one line, user:password; empty: none
};

// InvalidRequest: not an SMTP URL, an address that is none, a file that can't be read.
base::Result<std::unique_ptr<vault::MailSender>> make_smtp_sender(const SmtpSettings& settings);

// Words of RFC 2047 where the text is not plain ASCII; never a line break.
std::string encoded_header(const std::string& text);
// One address and nothing else: no white space, no brackets, no control characters.
bool is_plain_address(const std::string& text) noexcept;

}  // namespace egide::app
