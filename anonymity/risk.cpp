#include "egide/anonymity/risk.h"

#include <algorithm>

namespace egide::anonymity {
namespace {

std::vector<SizeBand> empty_histogram() {
  return {{1, 1, 0, 0}, {2, 2, 0, 0}, {3, 4, 0, 0}, {5, 9, 0, 0}, {10, 19, 0, 0}, {20, 49, 0, 0}, {50, 0, 0, 0}};
}

}  // namespace

Risk measure_risk(const std::vector<std::uint32_t>& class_sizes, std::uint32_t threshold) {
  Risk out;
  out.threshold = threshold;
  out.histogram = empty_histogram();
  for (const std::uint32_t size : class_sizes) {
    if (size == 0) continue;
    out.records += size;
    ++out.classes;
    out.smallest_class = out.smallest_class == 0 ? size : std::min(out.smallest_class, size);
    if (size == 1) ++out.unique_records;
    if (size < threshold) out.records_at_risk += size;
    for (auto& band : out.histogram)
      if (size >= band.from && (band.to == 0 || size <= band.to)) {
        ++band.classes;
        band.records += size;
      }
  }
  if (out.records == 0) return out;
  const auto records = static_cast<double>(out.records);
  out.prosecutor_highest = out.journalist_highest = 1.0 / out.smallest_class;
  out.marketer_average = static_cast<double>(out.classes) / records;
  out.share_at_risk = static_cast<double>(out.records_at_risk) / records;
  return out;
}

}  // namespace egide::anonymity
