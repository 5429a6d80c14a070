// A mail server that keeps what it is given, or fails as it is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/vault/mail.h"
#include "world.h"

namespace egide::testing {

class MemorySender final : public vault::MailSender {
 public:
  base::Result<void> send(const vault::OutgoingMail& mail) override {
    if (failure) return base::Error(*failure, "as told");
    mails.push_back(mail);
    return {};
  }
  std::vector<vault::OutgoingMail> mails;
  std::optional<base::ErrorCode> failure;
};

// Delivers all that is due; the newest path "/c/..." written to this address, empty when there is none.
inline std::string link_to(const std::vector<vault::OutgoingMail>& mails, const std::string& address) {
  for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) {
    if (mail->to != address) continue;
    const auto begin = mail->text.find(std::string(kBaseUrl) + "/c/");
    if (begin == std::string::npos) continue;
    const auto path = begin + std::string(kBaseUrl).size();
    return mail->text.substr(path, mail->text.find_first_of(" \n", path) - path);
  }
  return {};
}

// What a browser keeps of a page: the cookie and the hidden code.
struct Page {
  std::string cookie, code, body;
  int status = 0;
  static Page of(const Reply& reply) {
    Page page;
    page.status = reply.status;
    page.body = reply.body;
    const std::string cookie = reply.header("set-cookie");
    page.cookie = cookie.substr(0, cookie.find(';'));
    const std::string mark = "name=\"page\" value=\"";
    const auto at = reply.body.find(mark);
    if (at != std::string::npos) {
      const auto begin = at + mark.size();
      page.code = reply.body.substr(begin, reply.body.find('"', begin) - begin);
    }
    return page;
  }
};

}  // namespace egide::testing
