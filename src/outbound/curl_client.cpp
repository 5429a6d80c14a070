#include <curl/curl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "egide/outbound/client.h"

namespace egide::outbound {
namespace {

std::optional<Address> address_of(const sockaddr* socket) {
  Address out;
  if (socket != nullptr && socket->sa_family == AF_INET) {
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in*>(socket)->sin_addr, 4);
    return out;
  }
  if (socket != nullptr && socket->sa_family == AF_INET6) {
    out.v6 = true;
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(socket)->sin6_addr, 16);
    return out;
  }
  return std::nullopt;
}

class SystemResolver final : public Resolver {
 public:
  base::Result<std::vector<Address>> resolve(const std::string& host) override {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return base::not_found("This name has no address");
    std::vector<Address> out;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next)
      if (const auto address = address_of(one->ai_addr)) out.push_back(*address);
    ::freeaddrinfo(found);
    return out;
  }
};

// A public address may be this machine's own; what listens on it for neighbours is not for callers from inside.
bool is_own(const Address& address) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return true;
  bool own = false;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next)
    own = own || address_of(one->ifa_addr) == address;
  ::freeifaddrs(list);
  return own;
}

struct Transfer {
  const Call& call;
  const std::vector<Address>& checked;
  Answer answer{};
  bool cut = false;
  bool strayed = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t got = size * count;
  const std::size_t room = kMaxAnswer - transfer.answer.body.size();
  transfer.answer.body.append(data, std::min(got, room));
  if (got <= room) return got;
  transfer.cut = true;  // ends the transfer; the status is known by now
  return 0;
}

// The second look: whatever the library would connect to must be an address that was looked at before.
curl_socket_t on_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto to = address_of(&address->addr);
  if (!to || std::find(transfer.checked.begin(), transfer.checked.end(), *to) == transfer.checked.end()) {
    transfer.strayed = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& call = static_cast<Transfer*>(user)->call;
  return call.cancelled && call.cancelled() ? 1 : 0;
}

Failure failure_of(CURLcode code, const Transfer& transfer) {
  if (transfer.strayed) return Failure::Refused;
  switch (code) {
    case CURLE_OK:
      return Failure::None;
    case CURLE_WRITE_ERROR:
      return transfer.cut ? Failure::None : Failure::Broken;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Failure::Unresolved;
    case CURLE_COULDNT_CONNECT:
      return Failure::Unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::Timeout;
    case CURLE_ABORTED_BY_CALLBACK:
      return Failure::Cancelled;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Failure::Tls;
    default:
      return Failure::Broken;
  }
}

// Freed in the right order whatever happens between.
struct Handle {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  curl_slist* pinned = nullptr;
  ~Handle() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    curl_slist_free_all(pinned);
  }
};

std::string pin_of(const Target& target, const std::vector<Address>& addresses) {
  std::string out = target.host + ":" + std::to_string(target.port) + ":";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i > 0) out += ',';
    out += addresses[i].v6 ? "[" + addresses[i].str() + "]" : addresses[i].str();
  }
  return out;
}

void set_rules(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "egide");
}

class CurlClient final : public Client {
 public:
  CurlClient(Policy policy, std::unique_ptr<Resolver> resolver)
      : policy_(std::move(policy)), resolver_(std::move(resolver)) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    started_ = started == CURLE_OK;
  }

  base::Result<void> check(std::string_view url) const override {
    EGIDE_TRY([[maybe_unused]] const auto target, parse_target(url, policy_));
    return {};
  }

  Answer post(const Call& call) override {
    Answer out;
    const auto target = parse_target(call.url, policy_);
    out.failure = Failure::Refused;
    if (!target) return out;
    std::vector<Address> addresses;
    out.failure = find_addresses(*target, addresses);
    if (out.failure != Failure::None) return out;
    return send(call, *target, addresses);
  }

 private:
  Failure find_addresses(const Target& target, std::vector<Address>& addresses) {
    if (target.literal) {
      addresses = {*target.literal};
    } else {
      auto found = resolver_->resolve(target.host);
      if (!found || found->empty()) return Failure::Unresolved;
      addresses = std::move(*found);
    }
    for (const Address& address : addresses) {
      if (!may_connect(target, address, policy_)) return Failure::Refused;
      const bool own_port =
          std::find(policy_.own_ports.begin(), policy_.own_ports.end(), target.port) != policy_.own_ports.end();
      if ((own_port || is_public(address)) && is_own(address)) return Failure::Refused;
    }
    return Failure::None;
  }

  Answer send(const Call& call, const Target& target, const std::vector<Address>& addresses) const {
    Transfer transfer{call, addresses};
    Handle handle;
    CURL* easy = handle.easy;
    if (!started_ || easy == nullptr) return transfer.answer;
    for (const auto& [name, value] : call.headers)
      handle.headers = curl_slist_append(handle.headers, (name + ": " + value).c_str());
    handle.headers = curl_slist_append(handle.headers, "Expect:");
    set_rules(easy);
    if (!target.literal) {
      handle.pinned = curl_slist_append(nullptr, pin_of(target, addresses).c_str());
      curl_easy_setopt(easy, CURLOPT_RESOLVE, handle.pinned);
    }
    curl_easy_setopt(easy, CURLOPT_URL, target.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handle.headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
    const CURLcode code = curl_easy_perform(easy);
    read_outcome(easy, code, transfer);
    return std::move(transfer.answer);
  }

  static void read_outcome(CURL* easy, CURLcode code, Transfer& transfer) {
    Answer& answer = transfer.answer;
    answer.failure = failure_of(code, transfer);
    long status = 0;
    curl_off_t retry_after = 0, micros = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &micros);
    answer.duration = std::chrono::milliseconds(micros / 1000);
    if (answer.failure != Failure::None) {
      answer.body.clear();
      return;
    }
    answer.status = static_cast<int>(status);
    if (retry_after > 0) answer.retry_after = std::chrono::seconds(retry_after);
  }

  const Policy policy_;
  const std::unique_ptr<Resolver> resolver_;
  bool started_ = false;
};

}  // namespace

std::string_view name_of(Failure failure) noexcept {
  switch (failure) {
    case Failure::None:
      return "";
    case Failure::Refused:
      return "refused";
    case Failure::Unresolved:
      return "unresolved";
    case Failure::Unreachable:
      return "unreachable";
    case Failure::Tls:
      return "tls";
    case Failure::Timeout:
      return "timeout";
    case Failure::Broken:
      return "broken";
    case Failure::Cancelled:
      return "cancelled";
  }
  return "broken";
}

std::unique_ptr<Resolver> system_resolver() { return std::make_unique<SystemResolver>(); }

std::unique_ptr<Client> make_client(Policy policy, std::unique_ptr<Resolver> resolver) {
  return std::make_unique<CurlClient>(std::move(policy), std::move(resolver));
}

}  // namespace egide::outbound
