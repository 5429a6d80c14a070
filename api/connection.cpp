#include "connection.h"

#include <sys/socket.h>

#include <cerrno>

#include "server_core.h"

namespace egide::api {
namespace {

constexpr std::size_t kBodyStep = 64U << 10;       // so much of a body renews its time
constexpr std::size_t kMostHeld = 64U << 10;       // of pipelined input behind an answer that is not read
constexpr std::size_t kMostDiscarded = 16U << 20;  // after the last answer
constexpr std::size_t kKeptCapacity = 64U << 10;
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(ServerCore& core, int fd, std::string remote_address)
    : core_(core), fd_(fd), remote_address_(std::move(remote_address)), guard_(core.options.limits) {
  set_deadline(std::chrono::steady_clock::now(), core_.options.keepalive_timeout);
}

Connection::~Connection() { core_.registry.remove(this); }

void Connection::set_deadline(Time from, Millis span) noexcept {
  deadline_.store((from + span).time_since_epoch().count(), std::memory_order_relaxed);
}

bool Connection::enter() noexcept {
  Phase phase = phase_.load(std::memory_order_acquire);
  while (phase != Phase::Closing && phase != Phase::Expired) {
    if (phase_.compare_exchange_weak(phase, Phase::Busy, std::memory_order_acq_rel)) return true;
  }
  return false;
}

bool Connection::leave() noexcept {
  const auto& options = core_.options;
  Phase next = Phase::Idle;
  if (closing_) {
    next = Phase::Closing;
    set_deadline(std::chrono::steady_clock::now(), kLinger);
  } else if (has_output()) {
    next = Phase::Writing;
    set_deadline(progress_, options.write_timeout);
  } else if (guard_.state() == HttpGuard::State::Body) {
    next = Phase::Reading;
    set_deadline(body_began_, options.body_timeout);
  } else if (guard_.begun()) {
    next = Phase::Reading;
    set_deadline(request_began_, options.header_timeout);
  } else {
    set_deadline(std::chrono::steady_clock::now(), options.keepalive_timeout);
  }
  const bool ask = next == Phase::Writing && !waiting_;
  waiting_ = waiting_ || ask;
  phase_.store(next, std::memory_order_release);
  return ask;
}

bool Connection::received(std::string_view bytes) {
  if (!enter()) {
    discard(bytes.size());
    return false;
  }
  // Output first: the event that tells of input may be the one that also told of room to write.
  if (has_output()) flush();
  if (closing_) {
    discard(bytes.size());
  } else if (has_output() || !held_.empty()) {
    hold(bytes);
  } else {
    process(bytes);
  }
  return leave();
}

bool Connection::writable() {
  waiting_ = false;
  if (!enter()) return false;
  flush();
  if (!has_output() && !closing_ && !held_.empty()) {
    const std::string held = std::move(held_);
    held_.clear();
    process(held);
  }
  return leave();
}

void Connection::process(std::string_view input) {
  while (!input.empty() && !closing_) {
    if (has_output()) {
      hold(input);
      return;
    }
    if (!guard_.begun()) request_began_ = std::chrono::steady_clock::now();
    const bool in_head = guard_.state() == HttpGuard::State::Head;
    input.remove_prefix(guard_.feed(input));
    switch (guard_.state()) {
      case HttpGuard::State::Head:
        break;
      case HttpGuard::State::Body: {
        const std::size_t size = guard_.request().body.size();
        if (in_head || size - body_mark_ >= kBodyStep) {
          body_mark_ = in_head ? 0 : size;
          body_began_ = std::chrono::steady_clock::now();
        }
        if (guard_.take_continue() && size == 0) output_ += kContinue;
        break;
      }
      case HttpGuard::State::Complete:
        answer();
        break;
      case HttpGuard::State::Failed:
        refuse();
        break;
    }
    flush();
  }
  if (closing_) discard(input.size());
}

void Connection::answer() {
  const RawRequest& request = guard_.request();
  const Answer answer = core_.registry.stopping() ? core_.dispatcher.unavailable(request)
                                                  : core_.dispatcher.handle(request, remote_address_);
  close_after_ = !request.keep_alive || core_.registry.stopping();
  append_to_wire(
      output_, answer.response,
      {.head_only = request.method == Method::Head, .keep_alive = !close_after_, .request_id = answer.request_id});
  progress_ = std::chrono::steady_clock::now();
  guard_.next();
}

void Connection::refuse() {
  const Answer answer = core_.dispatcher.refuse(guard_.error(), guard_.request());
  close_after_ = true;
  append_to_wire(output_, answer.response, {.keep_alive = false, .request_id = answer.request_id});
  progress_ = std::chrono::steady_clock::now();
}

void Connection::turn_away() {
  if (!enter()) return;
  const Answer answer = core_.dispatcher.unavailable(guard_.request());
  close_after_ = true;
  append_to_wire(output_, answer.response, {.keep_alive = false, .request_id = answer.request_id});
  progress_ = std::chrono::steady_clock::now();
  flush();
  leave();
}

void Connection::flush() noexcept {
  while (has_output()) {
    const auto sent = ::send(fd_, output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      sent_ += static_cast<std::size_t>(sent);
      if (has_output()) progress_ = std::chrono::steady_clock::now();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != EINTR) {
      output_.clear();
      sent_ = 0;
      closing_ = true;
      cut();
      return;
    }
  }
  output_.clear();
  sent_ = 0;
  if (output_.capacity() > kKeptCapacity) std::string().swap(output_);
  if (close_after_) finish_output();
}

void Connection::hold(std::string_view input) {
  if (held_.size() + input.size() > kMostHeld) {
    closing_ = true;
    cut();
    return;
  }
  held_.append(input);
}

void Connection::discard(std::size_t bytes) noexcept {
  discarded_ += bytes;
  if (discarded_ > kMostDiscarded) cut();
}

void Connection::finish_output() noexcept {
  closing_ = true;
  // Only our direction: closing both while bytes of the client are unread would reset the connection, and the
  // client could lose the answer (RFC 9112, 9.6).
  ::shutdown(fd_, SHUT_WR);
}

void Connection::cut() noexcept { ::shutdown(fd_, SHUT_RDWR); }

void Connection::expire(Time now, bool all_idle) noexcept {
  Phase phase = phase_.load(std::memory_order_acquire);
  const bool late = now.time_since_epoch().count() >= deadline_.load(std::memory_order_relaxed);
  if (!late && !(all_idle && (phase == Phase::Idle || phase == Phase::Closing))) return;
  switch (phase) {
    case Phase::Busy:
    case Phase::Expired:
      return;
    case Phase::Writing:
    case Phase::Closing:
      cut();
      return;
    case Phase::Idle:
      if (phase_.compare_exchange_strong(phase, Phase::Expired, std::memory_order_acq_rel)) cut();
      return;
    case Phase::Reading:
      break;
  }
  if (!phase_.compare_exchange_strong(phase, Phase::Expired, std::memory_order_acq_rel)) return;
  const Answer answer = core_.dispatcher.refuse({408, "The request did not come in time"}, guard_.request());
  try {
    append_to_wire(output_, answer.response, {.keep_alive = false, .request_id = answer.request_id});
    [[maybe_unused]] const auto sent = ::send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } catch (...) {
  }
  output_.clear();
  finish_output();
  set_deadline(now, kLinger);
  phase_.store(Phase::Closing, std::memory_order_release);
}

}  // namespace egide::api
