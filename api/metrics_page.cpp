#include "metrics_page.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace egide::api {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

void add(Families& out, const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
  out.push_back(std::move(family));
}

void gauge(Families& out, const char* name, const char* help, double value) {
  add(out, name, help, prometheus::MetricType::Gauge, value);
}

void counter(Families& out, const char* name, const char* help, double value) {
  add(out, name, help, prometheus::MetricType::Counter, value);
}

// Resident memory in bytes; 0 where /proc is not there.
double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  long long pages = 0, resident = 0;
  in >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator at("/proc/self/fd", error);
  double count = 0;
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) ++count;
  return count;
}

}  // namespace

void add_vitals(const vault::Vitals& vitals, Families& out) {
  gauge(out, "egide_people", "Living people in the vault", static_cast<double>(vitals.people));
  gauge(out, "egide_log_entries", "Entries of the log", static_cast<double>(vitals.log_size));
  gauge(out, "egide_log_writable", "0 once the log can't be written or trusted: the server stops",
        vitals.log_writable ? 1 : 0);
  gauge(out, "egide_log_check_passed", "1 once the whole log was verified after start",
        vitals.log_check == vault::Vault::LogCheck::Passed ? 1 : 0);
  counter(out, "egide_commits_total", "Transactions committed", static_cast<double>(vitals.commits));
  counter(out, "egide_commit_changes_total", "Changes in them", static_cast<double>(vitals.changes));
  gauge(out, "egide_commit_largest_batch", "Most changes in one transaction since start",
        static_cast<double>(vitals.largest_commit));
  gauge(out, "egide_commit_queue", "Changes that wait to be committed", static_cast<double>(vitals.waiting));
  gauge(out, "egide_requests_open", "Rights requests that are not closed", static_cast<double>(vitals.open_requests));
  if (vitals.days_to_nearest_due)
    gauge(out, "egide_requests_nearest_due_days", "Days to the nearest due date of an open request; negative: overdue",
          *vitals.days_to_nearest_due);
  gauge(out, "egide_epoch_key_age_days", "Age of the newest epoch key", vitals.epoch_key_age_days);
}

void add_process(Families& out) {
  gauge(out, "process_resident_memory_bytes", "Resident memory", resident_bytes());
  gauge(out, "process_open_fds", "Open file descriptors", open_descriptors());
}

}  // namespace egide::api
