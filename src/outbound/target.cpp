#include "egide/outbound/target.h"

#include <algorithm>
#include <charconv>

namespace egide::outbound {
namespace {

constexpr std::size_t kMaxUrl = 2000;
constexpr std::size_t kMaxHost = 253;

base::Error refused(const char* why) { return base::invalid_request(why); }

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

// Several labels, the last of them no number in any spelling: "127.1" and "0x7f.0x1" are addresses to some resolvers.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHost) return false;
  std::size_t labels = 0;
  std::string_view last;
  for (std::size_t from = 0; from <= host.size(); ++labels) {
    const auto dot = std::min(host.find('.', from), host.size());
    last = host.substr(from, dot - from);
    if (!is_label(last)) return false;
    from = dot + 1;
  }
  return labels >= 2 && !is_digit(last.front());
}

struct Authority {
  std::string host;
  bool bracketed = false;
  std::string port;
};

base::Result<Authority> split(std::string_view text) {
  Authority out;
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return refused("is not well formed");
    out.bracketed = true;
    out.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!text.empty() && text.front() != ':') return refused("is not well formed");
    if (!text.empty()) out.port = text.substr(1);
    if (!text.empty() && out.port.empty()) return refused("is not well formed");
    return out;
  }
  const auto colon = text.find(':');
  out.host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    out.port = text.substr(colon + 1);
    if (out.port.empty()) return refused("is not well formed");
  }
  return out;
}

base::Result<std::uint16_t> port_of(const std::string& text, bool https) {
  if (text.empty()) return static_cast<std::uint16_t>(https ? 443 : 80);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || text.front() == '0')
    return refused("has a port that is none");
  return port;
}

bool is_allowed(const Address& address, const Policy& policy) noexcept {
  return std::any_of(policy.allow.begin(), policy.allow.end(),
                     [&](const Network& network) { return network.contains(address); });
}

base::Result<void> check_host(const Authority& authority, Target& target, const Policy& policy) {
  target.host = authority.host;
  std::transform(target.host.begin(), target.host.end(), target.host.begin(), lower);
  target.literal = parse_address(target.host);
  if (target.literal.has_value() && target.literal->v6 != authority.bracketed) return refused("is not well formed");
  if (authority.bracketed && !target.literal) return refused("is not well formed");
  if (!target.literal && !is_host_name(target.host))
    return refused("must name a host by its full name (internationalised names as xn--) or by a plain IP address");
  if (std::find(policy.own_hosts.begin(), policy.own_hosts.end(), target.host) != policy.own_hosts.end())
    return refused("may not lead to this server itself");
  return {};
}

}  // namespace

base::Result<Target> parse_target(std::string_view url, const Policy& policy) {
  if (url.size() > kMaxUrl) return refused("must have at most 2000 characters");
  if (!is_visible_ascii(url)) return refused("must be visible ASCII");
  if (url.find_first_of("#\\\"<>^`{}|") != std::string_view::npos)
    return refused("may hold no fragment and no such sign");
  Target target;
  std::string_view rest = url;
  const auto takes = [&rest](std::string_view scheme) {
    if (rest.substr(0, scheme.size()) != scheme) return false;
    rest.remove_prefix(scheme.size());
    return true;
  };
  if (takes("https://"))
    target.https = true;
  else if (!policy.allow.empty() && takes("http://"))
    target.https = false;
  else
    return refused("must begin with https://");
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  const auto authority_text = rest.substr(0, end);
  if (authority_text.find('@') != std::string_view::npos) return refused("may hold no user information");
  EGIDE_TRY(const auto authority, split(authority_text));
  EGIDE_TRY_VOID(check_host(authority, target, policy));
  EGIDE_TRY(target.port, port_of(authority.port, target.https));
  // A name's addresses are known only later; then the port is looked at again with them.
  const bool listed = std::find(policy.ports.begin(), policy.ports.end(), target.port) != policy.ports.end();
  if (!listed && policy.allow.empty()) return refused("has a port that is not allowed");
  if (target.literal && !may_connect(target, *target.literal, policy))
    return refused("leads to a network that may not be called");
  target.url = url;
  return target;
}

bool may_connect(const Target& target, const Address& address, const Policy& policy) noexcept {
  const bool own_port =
      std::find(policy.own_ports.begin(), policy.own_ports.end(), target.port) != policy.own_ports.end();
  if (own_port && is_loopback(address)) return false;
  if (is_allowed(address, policy)) return true;
  if (!target.https || !is_public(address)) return false;
  return std::find(policy.ports.begin(), policy.ports.end(), target.port) != policy.ports.end();
}

}  // namespace egide::outbound
