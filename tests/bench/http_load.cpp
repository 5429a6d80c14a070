// HTTP load on loopback: one thread, epoll, keep-alive connections with one request under way on each.
//
//   egide_http_load --port P --path /v1/... [--method POST] [--bodies FILE] [--header "Name: value"]...
//                   [--connections 64] [--seconds 10 | --count N] [--warmup-seconds 1]
//
// FILE holds one body a line; they are sent in turn. Requests are rendered before the first is sent. Prints one JSON
// object: requests a second, latencies in milliseconds, answers by status, errors.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string method, path, bodies;
  std::vector<std::string> headers;
  std::uint16_t port = 0;
  int connections = 64;
  double seconds = 10, warmup = 1;
  std::uint64_t count = 0;
};

struct Connection {
  int fd = -1;
  std::string received;
  Clock::time_point begun;
};

struct Totals {
  std::vector<double> latencies_ms;
  std::map<int, std::uint64_t> statuses;
  std::uint64_t errors = 0;
};

bool parse(int argc, char** argv, Options& out) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port")
      out.port = static_cast<std::uint16_t>(std::atoi(value));
    else if (name == "--path")
      out.path = value;
    else if (name == "--method")
      out.method = value;
    else if (name == "--bodies")
      out.bodies = value;
    else if (name == "--header")
      out.headers.emplace_back(value);
    else if (name == "--connections")
      out.connections = std::atoi(value);
    else if (name == "--seconds")
      out.seconds = std::atof(value);
    else if (name == "--warmup-seconds")
      out.warmup = std::atof(value);
    else if (name == "--count")
      out.count = std::strtoull(value, nullptr, 10);
    else
      return false;
  }
  if (out.method.empty()) out.method = out.bodies.empty() ? "GET" : "POST";
  return argc % 2 == 1 && out.port != 0 && !out.path.empty() && out.connections > 0;
}

std::vector<std::string> render(const Options& options) {
  std::string head = options.method + " " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  bool typed = false;
  for (const auto& header : options.headers) {
    head += header + "\r\n";
    typed = typed || header.rfind("Content-Type:", 0) == 0;
  }
  if (options.bodies.empty()) return {head + "\r\n"};
  if (!typed) head += "Content-Type: application/json\r\n";
  std::vector<std::string> out;
  std::ifstream in(options.bodies);
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    out.push_back(head + "Content-Length: " + std::to_string(line.size()) + "\r\n\r\n" + line);
  }
  return out;
}

// The length of the first whole response in `text`, 0 while it is not whole; sets its status.
std::size_t whole_response(std::string_view text, int& status) {
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  status = std::atoi(text.data() + 9);
  std::size_t length = 0;
  const auto head = text.substr(0, end + 2);
  for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const auto field = head.find(name);
    if (field != std::string_view::npos) length = std::strtoull(head.data() + field + name.size(), nullptr, 10);
  }
  return text.size() >= end + 4 + length ? end + 4 + length : 0;
}

class Load {
 public:
  Load(const Options& options, std::vector<std::string> requests)
      : options_(options),
        requests_(std::move(requests)),
        connections_(static_cast<std::size_t>(options.connections)) {}

  // Runs until the time or the count is reached; what is under way then is waited for.
  bool run(double seconds, std::uint64_t count, Totals& totals) {
    const auto until =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::uint64_t begun = 0;
    std::size_t under_way = 0;
    const auto more = [&] { return count != 0 ? begun < count : Clock::now() < until; };
    for (auto& connection : connections_) {
      if (!more()) break;
      if (connection.fd < 0 && !open(connection)) return false;
      send_next(connection);
      ++begun;
      ++under_way;
    }
    std::vector<epoll_event> events(connections_.size());
    while (under_way > 0) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 30000);
      if (ready <= 0) return false;
      for (int i = 0; i < ready; ++i) {
        auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (!receive(connection, totals)) continue;
        --under_way;
        if (!more()) continue;
        if (connection.fd < 0 && !open(connection)) return false;
        send_next(connection);
        ++begun;
        ++under_way;
      }
    }
    return true;
  }

 private:
  bool open(Connection& connection) {
    connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
    const int one = 1;
    ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    connection.received.clear();
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) == 0;
  }

  void send_next(Connection& connection) {
    connection.begun = Clock::now();
    std::string_view rest = requests_[next_++ % requests_.size()];
    // Requests are small; a blocking send keeps the measured time the server's.
    while (!rest.empty()) {
      const auto sent = ::send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // True when the connection's request has ended, with an answer or an error.
  bool receive(Connection& connection, Totals& totals) {
    char chunk[65536];
    const auto got = ::recv(connection.fd, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
      ++totals.errors;
      ::close(connection.fd);
      connection.fd = -1;
      return true;
    }
    connection.received.append(chunk, static_cast<std::size_t>(got));
    int status = 0;
    const std::size_t size = whole_response(connection.received, status);
    if (size == 0) return false;
    connection.received.erase(0, size);
    ++totals.statuses[status];
    totals.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - connection.begun).count());
    return true;
  }

  const Options& options_;
  const std::vector<std::string> requests_;
  std::vector<Connection> connections_;
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::size_t next_ = 0;
};

double percentile(const std::vector<double>& sorted, double p) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: egide_http_load --port P --path /... [--method M] [--bodies FILE] [--header H]...\n"
                 "  [--connections 64] [--seconds 10 | --count N] [--warmup-seconds 1]\n";
    return 2;
  }
  auto requests = render(options);
  if (requests.empty()) {
    std::cerr << "the file of bodies is empty or can't be read\n";
    return 2;
  }
  Load load(options, std::move(requests));
  Totals warmup;
  Totals totals;
  if (options.warmup > 0 && !load.run(options.warmup, 0, warmup)) {
    std::cerr << "the server does not answer\n";
    return 1;
  }
  const auto begun = Clock::now();
  const bool whole = load.run(options.seconds, options.count, totals);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::sort(totals.latencies_ms.begin(), totals.latencies_ms.end());
  std::cout << std::fixed << std::setprecision(3) << "{\"requests\":" << totals.latencies_ms.size()
            << ",\"seconds\":" << seconds << ",\"per_second\":"
            << static_cast<std::uint64_t>(static_cast<double>(totals.latencies_ms.size()) / seconds)
            << ",\"p50_ms\":" << percentile(totals.latencies_ms, 0.5)
            << ",\"p99_ms\":" << percentile(totals.latencies_ms, 0.99)
            << ",\"max_ms\":" << (totals.latencies_ms.empty() ? 0.0 : totals.latencies_ms.back()) << ",\"statuses\":{";
  const char* comma = "";
  for (const auto& [status, count] : totals.statuses) {
    std::cout << comma << "\"" << status << "\":" << count;
    comma = ",";
  }
  std::cout << "},\"errors\":" << totals.errors << ",\"whole\":" << (whole ? "true" : "false") << "}" << std::endl;
  return whole && totals.errors == 0 ? 0 : 1;
}
