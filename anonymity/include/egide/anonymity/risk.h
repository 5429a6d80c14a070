// Risk of re-identification, measured from the sizes of the classes: people who share all quasi-identifiers.
//
// The three attackers of El Emam and Dankar ("Protecting privacy using k-anonymity", JAMIA 15(5), 2008): the prosecutor
// knows that the person is in the data and looks for one; the journalist looks for anybody, without knowing; the
// marketer wants as many as possible. Without a table of the whole population the journalist is taken to know as much
// as the prosecutor, which is the higher number.
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace egide::anonymity {

struct SizeBand {
  std::uint32_t from = 1, to = 1;  // class sizes, both included; to 0: and above
  std::uint64_t classes = 0, records = 0;
};

struct Risk {
  std::uint64_t records = 0;
  std::uint64_t classes = 0;
  std::uint32_t smallest_class = 0;
  std::uint64_t unique_records = 0;
  std::uint64_t records_at_risk = 0;  // in a class with fewer than `threshold` people
  std::uint32_t threshold = 0;
  double prosecutor_highest = 0;    // 1 / smallest class
  double journalist_highest = 0;    // the same: see above
  double marketer_average = 0;      // classes / records: the share a matching attacker is expected to get right
  double share_at_risk = 0;         // records_at_risk / records
  std::vector<SizeBand> histogram;  // 1, 2, 3-4, 5-9, 10-19, 20-49, 50 and above
};

// Of classes of these sizes; zeros are left out. All zero for no records.
Risk measure_risk(const std::vector<std::uint32_t>& class_sizes, std::uint32_t threshold);

}  // namespace egide::anonymity
