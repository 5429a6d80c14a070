// WebhookWorker sends what is due to webhook endpoints: claims a delivery durably, signs and posts it, and writes down
// what came of it. Delivery is at least once: a process that ends between the two sends the same event, under the same
// id, again.
//
// One endpoint is sent one event at a time; a slow one never holds up the vault, and the others only where as many are
// slow as there are threads.
//
// Thread safety: start() and stop() from one thread; deliver_one() from any.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "egide/base/result.h"
#include "egide/outbound/client.h"

namespace egide::vault {

class Services;

struct WebhookWorkerOptions {
  std::string source;  // CloudEvents source: the server's public address
  int threads = 4;
  std::chrono::milliseconds poll{200};  // how soon a new event is seen
  std::chrono::milliseconds timeout{20'000};
  int calls_per_minute = 6000;     // to one endpoint: a mass change must not flood a receiver
  std::function<double()> random;  // from 0 to 1, for the jitter; nothing: a generator of its own
};

class WebhookWorker {
 public:
  // `services` and `client` outlive it.
  WebhookWorker(Services& services, outbound::Client& client, WebhookWorkerOptions options);
  ~WebhookWorker();  // stops
  WebhookWorker(const WebhookWorker&) = delete;
  WebhookWorker& operator=(const WebhookWorker&) = delete;

  // What an earlier process had claimed becomes due; then the threads start.
  base::Result<void> start();
  // Calls off what is being sent (it is sent again after the next start) and joins. Safe to call twice.
  void stop() noexcept;

  // Sends one delivery that is due, on this thread. False: nothing was due.
  base::Result<bool> deliver_one();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace egide::vault
