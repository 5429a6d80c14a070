// Mail to people: written to the outbox in the transaction that causes it, sent later by a worker, at least once. A
// mail carries the same Message-ID each time, so that a second copy is known for one.
//
// Thread safety: MailOutbox may be called from many threads; MailWorker has a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

// Personal data: never logged.
struct OutgoingMail {
  std::string id;  // of the outbox's row: makes the Message-ID
  std::string to, subject, text;
  std::string unsubscribe_url;  // acts on POST alone (RFC 8058)
};

class MailSender {
 public:
  virtual ~MailSender() = default;
  // InvalidRequest: refused for good. Unavailable: try again later. One caller at a time.
  virtual base::Result<void> send(const OutgoingMail& mail) = 0;
};

struct OutboxEntry {
  base::RecordId id;
  std::string kind, state;  // state: "waiting", "sent", "given_up"
  base::Timestamp created_at{}, next_attempt_at{};
  int attempts = 0;
  std::string problem;  // "unreachable", "refused"
  std::string text;     // only where asked for and still there
};

class MailOutbox {
 public:
  MailOutbox(Services& services, std::string base_url) : services_(services), base_url_(std::move(base_url)) {}

  struct Delivered {
    int sent = 0, failed = 0, given_up = 0;
  };
  // Sends what is due. A mail that can't be sent waits longer each time, and is given up after eight attempts.
  base::Result<Delivered> deliver_due(MailSender& sender);
  // The newest first. `with_text`: with links that anybody who reads them can answer; for demonstrations.
  base::Result<std::vector<OutboxEntry>> newest(int limit, bool with_text) const;

 private:
  Services& services_;
  std::string base_url_;
};

// Delivers in the background until it is destroyed. What it does not get to stays in the outbox.
class MailWorker {
 public:
  MailWorker(Services& services, std::unique_ptr<MailSender> sender, std::string base_url,
             std::chrono::milliseconds interval);
  ~MailWorker();
  MailWorker(const MailWorker&) = delete;
  MailWorker& operator=(const MailWorker&) = delete;

 private:
  void run();
  std::unique_ptr<MailSender> sender_;
  MailOutbox outbox_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace egide::vault
