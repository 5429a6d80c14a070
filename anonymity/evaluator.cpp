#include "evaluator.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "key_numbers.h"

namespace egide::anonymity {
namespace {

// Classes of things that are alike in every column given. Columns are gathered into one number as long as it fits, and
// numbered again when it no longer does.
class Classifier {
 public:
  explicit Classifier(std::size_t size) : keys_(size, 0) {}
  template <typename CodeOf>
  void add(std::uint32_t codes, CodeOf&& code_of) {
    if (codes <= 1) return;
    if (range_ > kMostRange / codes) number();
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = keys_[i] * codes + code_of(i);
    range_ *= codes;
  }
  // Numbers from 0 in the order of first appearance, and how many there are.
  std::vector<std::uint32_t> classes(std::uint32_t& count) {
    number();
    count = keys_.empty() ? 0 : static_cast<std::uint32_t>(range_);
    return std::vector<std::uint32_t>(keys_.begin(), keys_.end());
  }

 private:
  static constexpr std::uint64_t kMostRange = std::uint64_t{1} << 62;
  void number() {
    KeyNumbers numbers(static_cast<std::size_t>(std::min<std::uint64_t>(keys_.size(), range_)));
    for (auto& key : keys_) key = numbers.number_of(key);
    range_ = std::max<std::uint64_t>(1, numbers.count());
  }
  std::vector<std::uint64_t> keys_;
  std::uint64_t range_ = 1;  // keys lie below
};

// Entropy l asks for exp(H) >= l; sums of logarithms end a little off.
constexpr double kRounding = 1e-9;

}  // namespace

Evaluator::Evaluator(const Table& table, const Requirements& requirements)
    : requirements_(requirements), rows_(table.rows) {
  for (const auto& column : table.columns) {
    if (column.role != ColumnRole::QuasiIdentifier) continue;
    Quasi quasi;
    quasi.column = &column;
    for (int level = 0; level < column.hierarchy.levels(); ++level) quasi.labels.push_back(level_codes(column, level));
    quasi_.push_back(std::move(quasi));
  }
  group(table);
  for (const auto& column : table.columns)
    if (column.role == ColumnRole::Sensitive) add_sensitive(column);
}

Evaluator::LevelCodes Evaluator::level_codes(const Column& column, int level) const {
  const auto& labels = column.hierarchy.labels[static_cast<std::size_t>(level)];
  LevelCodes out;
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  std::vector<std::uint32_t> covered;
  for (const auto& label : labels) {
    const auto [found, is_new] = numbers.emplace(label, static_cast<std::uint32_t>(numbers.size()));
    if (is_new) covered.push_back(0);
    ++covered[found->second];
    out.label.push_back(found->second);
  }
  out.count = static_cast<std::uint32_t>(numbers.size());
  const double others = labels.size() > 1 ? static_cast<double>(labels.size() - 1) : 1;
  for (const auto number : out.label) out.loss.push_back((covered[number] - 1) / others);
  for (const auto code : column.codes) out.mean += out.loss[code];
  if (rows_ > 0) out.mean /= static_cast<double>(rows_);
  return out;
}

void Evaluator::group(const Table& table) {
  Classifier rows(table.rows);
  for (const auto& quasi : quasi_)
    rows.add(static_cast<std::uint32_t>(quasi.column->domain.size()),
             [&quasi](std::size_t row) { return quasi.column->codes[row]; });
  std::uint32_t groups = 0;
  group_of_row_ = rows.classes(groups);
  group_size_.assign(groups, 0);
  for (auto& quasi : quasi_) quasi.codes.assign(groups, 0);
  for (std::size_t row = 0; row < rows_; ++row) {
    const auto number = group_of_row_[row];
    ++group_size_[number];
    for (auto& quasi : quasi_) quasi.codes[number] = quasi.column->codes[row];
  }
}

void Evaluator::add_sensitive(const Column& column) {
  Sensitive out;
  out.domain = static_cast<std::uint32_t>(column.domain.size());
  std::unordered_map<std::uint64_t, std::size_t> place;
  for (std::size_t row = 0; row < rows_; ++row) {
    const std::uint64_t key = static_cast<std::uint64_t>(group_of_row_[row]) * out.domain + column.codes[row];
    const auto [found, is_new] = place.emplace(key, out.cells.size());
    if (is_new) out.cells.push_back({group_of_row_[row], column.codes[row], 0});
    ++out.cells[found->second].count;
  }
  sensitive_.push_back(std::move(out));
}

Evaluation Evaluator::evaluate(const Levels& levels) const {
  Evaluation out;
  Classifier groups(group_size_.size());
  for (std::size_t q = 0; q < quasi_.size(); ++q) {
    const Quasi& quasi = quasi_[q];
    const LevelCodes& codes = quasi.labels[static_cast<std::size_t>(levels[q])];
    groups.add(codes.count, [&](std::size_t group) { return codes.label[quasi.codes[group]]; });
  }
  std::uint32_t classes = 0;
  out.class_of = groups.classes(classes);
  out.sizes.assign(classes, 0);
  for (std::size_t group = 0; group < group_size_.size(); ++group) out.sizes[out.class_of[group]] += group_size_[group];
  std::vector<bool> monotone(out.sizes.size());
  for (std::size_t i = 0; i < out.sizes.size(); ++i) monotone[i] = out.sizes[i] >= requirements_.k;
  out.holds = monotone;
  for (const auto& sensitive : sensitive_) check_diversity(sensitive, out, monotone);
  for (std::size_t i = 0; i < out.sizes.size(); ++i) {
    if (!out.holds[i]) out.failing += out.sizes[i];
    if (!monotone[i]) out.failing_monotone += out.sizes[i];
  }
  return out;
}

void Evaluator::check_diversity(const Sensitive& sensitive, Evaluation& out, std::vector<bool>& monotone) const {
  KeyNumbers pairs(sensitive.cells.size());  // (class, value)
  std::vector<std::uint32_t> counts;         // people, by pair
  std::vector<std::uint32_t> class_of_pair;
  for (const Cell& cell : sensitive.cells) {
    const std::uint32_t number = out.class_of[cell.group];
    const std::uint32_t pair = pairs.number_of(static_cast<std::uint64_t>(number) * sensitive.domain + cell.value);
    if (pair == counts.size()) {
      counts.push_back(0);
      class_of_pair.push_back(number);
    }
    counts[pair] += cell.count;
  }
  std::vector<std::uint32_t> distinct(out.sizes.size(), 0);
  std::vector<double> weighted(out.sizes.size(), 0);  // sum of c log c
  const bool wants_entropy = requirements_.entropy_l > 1;
  for (std::size_t pair = 0; pair < counts.size(); ++pair) {
    ++distinct[class_of_pair[pair]];
    if (wants_entropy) weighted[class_of_pair[pair]] += counts[pair] * std::log(counts[pair]);
  }
  for (std::size_t i = 0; i < out.sizes.size(); ++i) {
    const bool diverse = distinct[i] >= requirements_.distinct_l;
    const double entropy = wants_entropy ? std::log(out.sizes[i]) - weighted[i] / out.sizes[i] : 0;
    const bool even = !wants_entropy || entropy + kRounding >= std::log(requirements_.entropy_l);
    monotone[i] = monotone[i] && diverse;
    out.holds[i] = out.holds[i] && diverse && even;
  }
  for (std::size_t i = 0; i < out.sizes.size(); ++i)
    if (out.holds[i]) out.smallest_l = out.smallest_l == 0 ? distinct[i] : std::min(out.smallest_l, distinct[i]);
}

double Evaluator::loss(const Levels& levels) const {
  if (quasi_.empty()) return 0;
  double sum = 0;
  for (std::size_t q = 0; q < quasi_.size(); ++q) sum += quasi_[q].labels[static_cast<std::size_t>(levels[q])].mean;
  return sum / static_cast<double>(quasi_.size());
}

double Evaluator::loss_with_suppression(const Levels& levels, const Evaluation& evaluation) const {
  if (rows_ == 0) return 0;
  double sum = 0;
  for (std::size_t group = 0; group < group_size_.size(); ++group) {
    double each = 1;
    if (evaluation.holds[evaluation.class_of[group]]) {
      each = 0;
      for (std::size_t q = 0; q < quasi_.size(); ++q)
        each += quasi_[q].labels[static_cast<std::size_t>(levels[q])].loss[quasi_[q].codes[group]];
      if (!quasi_.empty()) each /= static_cast<double>(quasi_.size());
    }
    sum += each * group_size_[group];
  }
  return sum / static_cast<double>(rows_);
}

double Evaluator::column_loss(std::size_t quasi, int level, const std::vector<bool>& kept) const {
  const auto& losses = quasi_[quasi].labels[static_cast<std::size_t>(level)].loss;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!kept[row]) continue;
    sum += losses[quasi_[quasi].column->codes[row]];
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace egide::anonymity
