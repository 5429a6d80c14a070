#include "egide/audit/log_verifier.h"

#include <algorithm>

#include "key_chain.h"

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::Result;

constexpr std::uint64_t kBatch = 256;

base::Error at_entry(LeafIndex index, const std::string& what) {
  return integrity_violation("Entry " + std::to_string(index) + ": " + what);
}

struct Pin {
  Checkpoint checkpoint;
  std::string note;
};

class Verification {
 public:
  Verification(LogSource& source, const VerifierKey& trusted, const VerifyOptions& options)
      : source_(source), trusted_(trusted), options_(options), keys_(trusted) {}

  Result<VerifiedLog> run() {
    EGIDE_TRY_VOID(read_checkpoints());
    EGIDE_TRY_VOID(compare_pins());  // those of an empty log
    const std::uint64_t size = newest_.checkpoint.size;
    while (frontier_.size() < size) {
      EGIDE_TRY_VOID(take_batch(std::min(kBatch, size - frontier_.size())));
      if (options_.progress) options_.progress(frontier_.size(), size);
    }
    if (frontier_.root() != newest_.checkpoint.root)
      return integrity_violation("The root of the " + std::to_string(size) + " entries is not the signed root");
    if (absent_end_ > pruned_below_) return at_entry(absent_end_ - 1, "absent, and no log.prune entry allows it");
    EGIDE_TRY_VOID(check_signatures());
    return VerifiedLog{newest_.checkpoint, size, nodes_checked_, pruned_below_};
  }

 private:
  Result<Pin> read_pin(std::string note) const {
    EGIDE_TRY(auto checkpoint, read_unverified_checkpoint(note));
    if (checkpoint.origin != trusted_.name)
      return integrity_violation("The checkpoint of size " + std::to_string(checkpoint.size) +
                                 " is of another log: its origin differs");
    return Pin{std::move(checkpoint), std::move(note)};
  }

  Result<void> read_checkpoints() {
    EGIDE_TRY(auto note, source_.checkpoint());
    EGIDE_TRY(newest_, read_pin(std::move(note)));
    for (const auto& text : options_.older_checkpoints) {
      EGIDE_TRY(auto pin, read_pin(text));
      if (pin.checkpoint.size > newest_.checkpoint.size)
        return integrity_violation("The log was rolled back: it has " + std::to_string(newest_.checkpoint.size) +
                                   " entries, a checkpoint kept from before has " +
                                   std::to_string(pin.checkpoint.size));
      pins_.push_back(std::move(pin));
    }
    std::stable_sort(pins_.begin(), pins_.end(),
                     [](const Pin& a, const Pin& b) { return a.checkpoint.size < b.checkpoint.size; });
    return {};
  }

  // Every pin of the present size has the present root.
  Result<void> compare_pins() {
    for (; next_pin_ < pins_.size() && pins_[next_pin_].checkpoint.size == frontier_.size(); ++next_pin_)
      if (pins_[next_pin_].checkpoint.root != frontier_.root())
        return integrity_violation("The log was rewritten: its first " + std::to_string(frontier_.size()) +
                                   " entries have another root than the checkpoint kept from then");
    return {};
  }

  Result<void> take_batch(std::uint64_t count) {
    const std::uint64_t first = frontier_.size();
    EGIDE_TRY(const auto leaves, source_.leaves(first, count));
    if (leaves.size() > count) return at_entry(first, "the source gives more entries than asked for");
    if (leaves.size() < count)
      return at_entry(first + leaves.size(),
                      "missing, though the checkpoint covers " + std::to_string(newest_.checkpoint.size) + " entries");
    nodes_first_ = stored_hash_count(first);
    const std::uint64_t nodes_count = stored_hash_count(first + count) - nodes_first_;
    EGIDE_TRY(nodes_, source_.nodes(nodes_first_, nodes_count));
    if (!nodes_.empty() && nodes_.size() != nodes_count)
      return at_entry(first, "the source gives " + std::to_string(nodes_.size()) + " stored nodes instead of " +
                                 std::to_string(nodes_count));
    for (const auto& leaf : leaves) EGIDE_TRY_VOID(take_leaf(leaf));
    return {};
  }

  Result<void> take_leaf(const std::string& line) {
    const LeafIndex index = frontier_.size();
    base::Hash32 hash;
    if (line.empty()) {
      if (nodes_.empty()) return at_entry(index, "absent, and the source offers no stored hash in its place");
      hash = nodes_[stored_hash_index(0, index) - nodes_first_];
      absent_end_ = index + 1;
    } else {
      EGIDE_TRY_VOID(read_leaf(line, index));
      hash = leaf_hash(base::as_bytes(line));
    }
    EGIDE_TRY_VOID(append(hash, index));
    return compare_pins();
  }

  Result<void> read_leaf(const std::string& line, LeafIndex index) {
    if (const auto parsed = parse_leaf(line, parsed_); !parsed) return at_entry(index, parsed.error().message());
    const Leaf& leaf = parsed_.leaf;
    if (leaf.index != index) return at_entry(index, "it says that it is entry " + std::to_string(leaf.index));
    if (leaf.time < last_time_) return at_entry(index, "its time is before that of an earlier entry");
    last_time_ = leaf.time;
    if (leaf.event == event::kLogKey) return keys_.add(leaf);
    if (leaf.min) {
      if (*leaf.min > index) return at_entry(index, "it prunes entries that did not exist yet");
      if (*leaf.min < pruned_below_) return at_entry(index, "it lowers the minimum of an earlier log.prune");
      pruned_below_ = *leaf.min;
    }
    return {};
  }

  Result<void> append(const base::Hash32& hash, LeafIndex index) {
    std::optional<std::uint64_t> wrong;
    frontier_.append(hash, [&](std::uint64_t at, const base::Hash32& node) {
      if (nodes_.empty()) return;
      if (nodes_[at - nodes_first_] != node && !wrong) wrong = at;
      ++nodes_checked_;
    });
    if (wrong)
      return at_entry(index, "stored node " + std::to_string(*wrong) + " differs from the hash of what lies below it");
    return {};
  }

  Result<void> check_signatures() const {
    std::vector<CheckedNote> notes;
    for (const auto& pin : pins_) notes.push_back({pin.note, pin.checkpoint.size});
    notes.push_back({newest_.note, newest_.checkpoint.size});
    return keys_.check(notes);
  }

  LogSource& source_;
  const VerifierKey& trusted_;
  const VerifyOptions& options_;
  KeyChain keys_;
  Pin newest_;
  std::vector<Pin> pins_;  // by size
  std::size_t next_pin_ = 0;

  Frontier frontier_;
  std::vector<base::Hash32> nodes_;  // of the batch at hand; empty when the source has none
  std::uint64_t nodes_first_ = 0;
  ParsedLeaf parsed_;
  base::Timestamp last_time_{};
  std::uint64_t nodes_checked_ = 0;
  std::uint64_t absent_end_ = 0;  // one past the last absent leaf
  std::uint64_t pruned_below_ = 0;
};

}  // namespace

Result<VerifiedLog> verify_log(LogSource& source, const VerifierKey& trusted, const VerifyOptions& options) {
  return Verification(source, trusted, options).run();
}

}  // namespace egide::audit
