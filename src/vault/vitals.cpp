#include "egide/vault/vitals.h"

#include "egide/base/time.h"
#include "egide/storage/request_repository.h"
#include "request_states.h"
#include "services.h"

namespace egide::vault {

base::Result<Vitals> vitals(Vault& vault) {
  const Services& services = vault.services();
  const auto info = vault.info();
  const auto commits = services.committer->statistics();
  Vitals out;
  out.people = info.people;
  out.log_size = info.log_size;
  out.commits = commits.batches;
  out.changes = commits.changes;
  out.largest_commit = commits.largest_batch;
  out.waiting = commits.waiting;
  out.log_writable = !vault.failed();
  out.log_check = vault.log_check();

  const auto now = services.clock->now();
  if (const auto newest = services.epoch_keys.current())
    out.epoch_key_age_days = static_cast<int>(std::chrono::floor<std::chrono::days>(now.time_since_epoch()).count() -
                                              static_cast<std::int64_t>(*newest));
  EGIDE_TRY(const auto reads, services.reads->lease());
  EGIDE_TRY(const auto states, storage::RequestRepository(*reads).count_by_state());
  const auto today = std::chrono::sys_days(base::central_european_date(now));
  for (const auto& row : states) {
    const auto state = parse_request_state(row.state);
    if (state && is_closed(*state)) continue;
    out.open_requests += row.requests;
    const int days = static_cast<int>((std::chrono::sys_days(row.earliest_due) - today).count());
    if (!out.days_to_nearest_due || days < *out.days_to_nearest_due) out.days_to_nearest_due = days;
  }
  return out;
}

}  // namespace egide::vault
