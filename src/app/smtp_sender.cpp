#include "smtp_sender.h"

#include <curl/curl.h>

#include <algorithm>
#include <ctime>

#include "egide/storage/files.h"

namespace egide::app {
namespace {

struct CurlFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlFree>;

class List {
 public:
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
    if (longer == nullptr) return;
    [[maybe_unused]] const auto* same = list_.release();
    list_.reset(longer);
  }
  curl_slist* get() const noexcept { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, CurlFree> list_;
};

std::string host_of(const std::string& url) {
  const auto begin = url.find("://") + 3;
  std::string host = url.substr(begin, url.find('/', begin) - begin);
  if (!host.empty() && host.front() == '[') return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_this_machine(const std::string& host) { return host == "127.0.0.1" || host == "[::1]" || host == "localhost"; }

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[64];
  // The names of days and months are English whatever the locale: the program never sets one.
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &utc);
  return text;
}

struct Upload {
  std::string text;
  std::size_t sent;
};

std::size_t give(char* out, std::size_t size, std::size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const std::size_t bytes = std::min(size * count, upload.text.size() - upload.sent);
  upload.text.copy(out, bytes, upload.sent);
  upload.sent += bytes;
  return bytes;
}

// Base64 in lines of 76 characters: no text can begin a line with a full stop, or be too long for one (RFC 2045, 6.8).
std::string encoded_body(const std::string& text) {
  std::string lines;
  for (const char c : text) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string base64 = base::to_base64(base::as_bytes(lines));
  std::string out;
  for (std::size_t at = 0; at < base64.size(); at += 76) out += base64.substr(at, 76) + "\r\n";
  return out;
}

class SmtpSender final : public vault::MailSender {
 public:
  SmtpSender(SmtpSettings settings, std::optional<crypto::SecretBytes> credentials)
      : settings_(std::move(settings)), credentials_(std::move(credentials)) {}

  base::Result<void> send(const vault::OutgoingMail& mail) override {
    if (!is_plain_address(mail.to)) return base::invalid_request("The address is none");
    const Handle handle(curl_easy_init());
    if (!handle) return base::unavailable("libcurl could not be started");
    CURL* curl = handle.get();
    set_connection(curl);
    List recipients;
    recipients.add("<" + mail.to + ">");
    Upload upload{message_of(mail), 0};
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + settings_.from + ">").c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    const CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) return {};
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    // 550 to 554: this mail or this mailbox, whenever it is tried. Anything else may pass.
    if (code != CURLE_LOGIN_DENIED && status >= 550 && status <= 554)
      return base::invalid_request("The mail server refuses this mail");
    return base::unavailable(std::string("The mail server: ") + curl_easy_strerror(code));
  }

 private:
  void set_connection(CURL* curl) const {
    curl_easy_setopt(curl, CURLOPT_URL, settings_.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    const bool near = is_this_machine(host_of(settings_.url));
    curl_easy_setopt(curl, CURLOPT_USE_SSL, near ? long{CURLUSESSL_TRY} : long{CURLUSESSL_ALL});
    if (near) curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    if (near) curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    if (!credentials_) return;
    std::string both(base::as_text(credentials_->expose_secret()));
    curl_easy_setopt(curl, CURLOPT_USERPWD, both.c_str());  // copied by libcurl
    crypto::wipe(both);
  }

  std::string message_of(const vault::OutgoingMail& mail) const {
    const std::string domain = settings_.from.substr(settings_.from.rfind('@') + 1);
    std::string out = "Date: " + date_now() + "\r\n";
    out += "From: " + encoded_header(settings_.name) + " <" + settings_.from + ">\r\n";
    out += "To: <" + mail.to + ">\r\n";
    out += "Subject: " + encoded_header(mail.subject) + "\r\n";
    out += "Message-ID: <" + mail.id + "@" + domain + ">\r\n";
    out += "Auto-Submitted: auto-generated\r\n";
    if (!mail.unsubscribe_url.empty())
      out +=
          "List-Unsubscribe: <" + mail.unsubscribe_url + ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
    out += "Content-Transfer-Encoding: base64\r\n\r\n";
    return out + encoded_body(mail.text);
  }

  SmtpSettings settings_;
  std::optional<crypto::SecretBytes> credentials_;
};

}  // namespace

bool is_plain_address(const std::string& text) noexcept {
  const auto at = text.rfind('@');
  return at != std::string::npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c > ' ' && c != 0x7f && c != '<' && c != '>' && c != ',' && c != ';' && c != '"' && c != '\\';
         });
}

std::string encoded_header(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c < 0x7f; }) &&
                     text.find("=?") == std::string::npos && text.find_first_of("\"(),:;<>@[\\]") == std::string::npos;
  if (plain) return text;
  constexpr std::size_t kWord = 42;  // bytes: 56 characters of base64, 68 with what stands around
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.size(), begin + kWord);
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole characters
    if (!out.empty()) out += ' ';
    out += "=?utf-8?B?" + base::to_base64(base::as_bytes(std::string_view(text).substr(begin, end - begin))) + "?=";
    begin = end;
  }
  return out;
}

base::Result<std::unique_ptr<vault::MailSender>> make_smtp_sender(const SmtpSettings& settings) {
  if (settings.url.rfind("smtp://", 0) != 0 && settings.url.rfind("smtps://", 0) != 0)
    return base::invalid_request("The address of the mail server begins with smtp:// or smtps://");
  if (!is_plain_address(settings.from)) return base::invalid_request("The sender of mails is one plain address");
  std::optional<crypto::SecretBytes> credentials;
  if (!settings.credentials_file.empty()) {
    EGIDE_TRY(auto text, storage::read_file(settings.credentials_file));
    const auto line = std::string_view(text).substr(0, text.find_first_of("\r\n"));
    if (line.find(':') == std::string_view::npos)
      return base::invalid_request("The file of the mail server's credentials holds one line, user:password");
    EGIDE_TRY(auto secret, crypto::SecretBytes::copy_of(base::as_bytes(line)));
    credentials.emplace(std::move(secret));
    crypto::wipe(text);
  }
  return std::unique_ptr<vault::MailSender>(std::make_unique<SmtpSender>(settings, std::move(credentials)));
}

}  // namespace egide::app
