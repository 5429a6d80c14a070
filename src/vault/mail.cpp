#include "egide/vault/mail.h"

#include "egide/base/log.h"
#include "mail_content.h"

namespace egide::vault {
namespace {

constexpr int kBatch = 20;
constexpr int kMaxAttempts = 8;

// After the first failure a minute, then four times longer each time: the eighth attempt comes after about four days.
std::chrono::milliseconds wait_after(int attempts) {
  std::chrono::minutes wait{1};
  for (int i = 1; i < attempts; ++i) wait *= 4;
  return wait;
}

// No log entry: that somebody is written to stands in the entry of the change that caused it.
class MailUpdate final : public storage::Change {
 public:
  MailUpdate(const base::RecordId& id, storage::MailState state, int attempts, base::Timestamp next,
             std::string_view problem)
      : id_(id), state_(state), attempts_(attempts), next_(next), problem_(problem) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    return storage::MailRepository(context.connection()).update(id_, state_, attempts_, next_, problem_);
  }

 private:
  base::RecordId id_;
  storage::MailState state_;
  int attempts_;
  base::Timestamp next_;
  std::string_view problem_;
};

const char* name_of(storage::MailState state) {
  switch (state) {
    case storage::MailState::Waiting:
      return "waiting";
    case storage::MailState::Sent:
      return "sent";
    case storage::MailState::GivenUp:
      return "given_up";
  }
  return "waiting";
}

}  // namespace

base::Result<MailOutbox::Delivered> MailOutbox::deliver_due(MailSender& sender) {
  std::vector<storage::MailRow> due;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(due, storage::MailRepository(*reads).due(services_.clock->now(), kBatch));
  }
  Delivered out;
  for (const auto& row : due) {
    const auto content = open_mail(services_, row);
    if (!content && content.error().code() == base::ErrorCode::Gone) continue;  // erased meanwhile, its row too
    const int attempts = row.attempts + 1;
    if (!content) {  // one that does not open may not hold up the others
      base::log(base::LogLevel::Error, "mail.unreadable", {{"mail", row.id.str()}});
      MailUpdate drop(row.id, storage::MailState::GivenUp, attempts, services_.clock->now(), "unreadable");
      EGIDE_TRY_VOID(services_.committer->commit(drop));
      ++out.given_up;
      continue;
    }
    const auto sent = sender.send(compose_mail(services_, row, *content, base_url_));
    auto state = storage::MailState::Sent;
    std::string_view problem;
    if (!sent) {
      const bool refused = sent.error().code() == base::ErrorCode::InvalidRequest;
      problem = refused ? "refused" : "unreachable";
      state = refused || attempts >= kMaxAttempts ? storage::MailState::GivenUp : storage::MailState::Waiting;
      base::log(base::LogLevel::Warning, "mail.failed",
                {{"mail", row.id.str()}, {"problem", problem}, {"attempts", attempts}});
    }
    MailUpdate update(row.id, state, attempts, services_.clock->now() + wait_after(attempts), problem);
    EGIDE_TRY_VOID(services_.committer->commit(update));
    if (state == storage::MailState::Sent) ++out.sent;
    if (state == storage::MailState::Waiting) ++out.failed;
    if (state == storage::MailState::GivenUp) ++out.given_up;
  }
  return out;
}

base::Result<std::vector<OutboxEntry>> MailOutbox::newest(int limit, bool with_text) const {
  std::vector<storage::MailRow> rows;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(rows, storage::MailRepository(*reads).newest(limit));
  }
  std::vector<OutboxEntry> out;
  for (const auto& row : rows) {
    OutboxEntry one;
    one.id = row.id;
    one.kind = row.kind;
    one.state = name_of(row.state);
    one.created_at = row.created_at;
    one.next_attempt_at = row.next_attempt_at;
    one.attempts = row.attempts;
    one.problem = row.problem;
    if (with_text && row.state == storage::MailState::Waiting) {
      if (const auto content = open_mail(services_, row))
        one.text = compose_mail(services_, row, *content, base_url_).text;
    }
    out.push_back(std::move(one));
  }
  return out;
}

MailWorker::MailWorker(Services& services, std::unique_ptr<MailSender> sender, std::string base_url,
                       std::chrono::milliseconds interval)
    : sender_(std::move(sender)),
      outbox_(services, std::move(base_url)),
      interval_(interval),
      thread_([this] { run(); }) {}

MailWorker::~MailWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void MailWorker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto delivered = outbox_.deliver_due(*sender_);
    if (!delivered)
      base::log(base::LogLevel::Warning, "mail.outbox_failed", {{"code", base::name_of(delivered.error().code())}});
    lock.lock();
    // A batch that was full may not have been all of it.
    if (!delivered || delivered->sent < kBatch) wake_.wait_for(lock, interval_, [this] { return stopping_; });
  }
}

}  // namespace egide::vault
