// Writes a log of 1,000 entries to DIR/good, laid out as the server serves it (/log/checkpoint, /log/tile/...), with
// proof files, and copies of it with one byte changed (DIR/bad-*). For the verifiers of this folder.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "egide/audit/leaf.h"
#include "egide/audit/note.h"
#include "egide/audit/proof_file.h"
#include "egide/audit/tile.h"
#include "egide/crypto/secret.h"
#include "tree_on_heap.h"

namespace {

namespace fs = std::filesystem;
using namespace egide;  // NOLINT: a program of one file

constexpr std::uint64_t kSize = 1000;
constexpr std::uint64_t kOldSize = 700;
constexpr char kOrigin[] = "egide.example.org/audit/2026";

template <typename T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(result).value();
}

void write_file(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

crypto::SigningKey key_of(unsigned char fill) {
  return must(crypto::SigningKey::from_seed(base::Bytes(32, static_cast<std::byte>(fill))));
}

std::string entry(std::uint64_t i, bool forked) {
  const base::Bytes kaudit(32, static_cast<std::byte>(i % 5));
  audit::Leaf leaf;
  leaf.index = i;
  leaf.time = base::Timestamp(std::chrono::milliseconds(1795000000000 + static_cast<std::int64_t>(i)));
  leaf.event = i == 0 ? audit::event::kLogCreated : audit::event::kRecordRead;
  if (i > 0) {
    leaf.subject_tag = audit::subject_tag(kaudit, i);
    leaf.purpose = "membership";
    leaf.outcome = forked && i == 13 ? audit::Outcome::Deny : audit::Outcome::Allow;
    leaf.commitment = audit::detail_commitment(kaudit, i, base::as_bytes("{}"));
  }
  std::string line;
  if (const auto written = audit::write_leaf(leaf, line); !written) throw std::runtime_error(written.error().message());
  return line;
}

struct Log {
  std::vector<std::string> entries;
  foreign::TreeOnHeap tree;

  std::string note(std::uint64_t size) const {
    const audit::Checkpoint state{kOrigin, size, must(audit::root_at(tree, size))};
    const auto note = audit::sign_checkpoint(state, key_of(7));
    return audit::add_cosignature(note, state, "time.example.org/egide", key_of(8),
                                  std::chrono::sys_seconds(std::chrono::seconds(1795000000)));
  }
};

Log make_log(std::uint64_t size, bool forked) {
  Log log;
  for (std::uint64_t i = 0; i < size; ++i) {
    log.entries.push_back(entry(i, forked));
    log.tree.append(audit::leaf_hash(base::as_bytes(log.entries.back())));
  }
  return log;
}

void write_tiles(const Log& log, const fs::path& base) {
  for (int level = 0; level <= 5; ++level) {
    const std::uint64_t hashes = kSize >> (8 * level);
    for (std::uint64_t first = 0; first < hashes; first += 256) {
      audit::TileAddress tile;
      tile.level = level;
      tile.number = first / 256;
      tile.width = static_cast<int>(std::min<std::uint64_t>(256, hashes - first));
      write_file(base / tile.path(), base::as_text(must(audit::hash_tile(log.tree, tile, kSize))));
      if (level > 0) continue;
      tile.entries = true;
      base::Bytes bundle;
      for (std::uint64_t i = first; i < first + static_cast<std::uint64_t>(tile.width); ++i)
        if (!audit::append_bundle_entry(bundle, base::as_bytes(log.entries[i]))) throw std::runtime_error("too long");
      write_file(base / tile.path(), base::as_text(bundle));
    }
  }
}

std::vector<base::Bytes> to_hashes(const std::vector<base::Hash32>& hashes) {
  std::vector<base::Bytes> out;
  for (const auto& hash : hashes) out.push_back(base::to_bytes(base::ByteView(hash)));
  return out;
}

void write_proofs(const Log& log, const fs::path& folder) {
  for (const std::uint64_t i : {0u, 1u, 255u, 256u, 423u, 767u, 998u, 999u}) {
    audit::InclusionProof proof;
    if (i % 2 == 1) proof.extra = base::Bytes(32, std::byte{0x11});
    proof.index = i;
    proof.hashes = to_hashes(must(audit::prove_inclusion(log.tree, i, kSize)));
    proof.checkpoint = log.note(kSize);
    write_file(folder / (std::to_string(i) + ".tlog-proof"), proof.str());
    write_file(folder / (std::to_string(i) + ".leaf"), log.entries[i]);
  }
  for (const std::uint64_t old_size : {1u, 256u, 511u, 700u, 1000u}) {
    audit::ConsistencyProof proof;
    proof.old_size = old_size;
    proof.hashes = to_hashes(must(audit::prove_consistency(log.tree, old_size, kSize)));
    proof.checkpoint = log.note(kSize);
    write_file(folder / (std::to_string(old_size) + ".consistency"), proof.str());
    write_file(folder / (std::to_string(old_size) + ".old"), log.note(old_size));
  }
}

void flip(const fs::path& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
  if (byte < 0 || !file.flush()) throw std::runtime_error("cannot change " + path.string());
}

void write_spoiled(const fs::path& folder, const std::string& name, const std::string& file, std::uintmax_t at) {
  fs::copy(folder / "good", folder / name, fs::copy_options::recursive);
  flip(folder / name / file, at);
}

void run(const fs::path& folder) {
  fs::remove_all(folder);
  const auto log = make_log(kSize, false);
  const auto good = folder / "good";
  write_file(folder / "vkey", audit::VerifierKey::make(kOrigin, key_of(7).public_key()).str());
  write_file(good / "log" / "checkpoint", log.note(kSize));
  write_file(good / "old", log.note(kOldSize));
  write_tiles(log, good / "log");
  write_proofs(log, good / "proofs");

  write_spoiled(folder, "bad-first-entry", "log/tile/entries/000", 30);
  write_spoiled(folder, "bad-last-entry", "log/tile/entries/003.p/232",
                fs::file_size(good / "log/tile/entries/003.p/232") - 2);
  write_spoiled(folder, "bad-tile", "log/tile/0/001", 5000);
  write_spoiled(folder, "bad-checkpoint-origin", "log/checkpoint", 3);
  write_spoiled(folder, "bad-checkpoint-size", "log/checkpoint", std::string(kOrigin).size() + 4);
  write_spoiled(folder, "bad-checkpoint-root", "log/checkpoint", std::string(kOrigin).size() + 10);
  write_spoiled(folder, "bad-signature", "log/checkpoint", log.note(kSize).find("2026 ") + 40);
  write_spoiled(folder, "bad-proof-leaf", "proofs/423.leaf", 30);
  // A server that shows this auditor another history than the one signed before: every signature is good.
  fs::copy(good, folder / "bad-fork-go", fs::copy_options::recursive);
  write_file(folder / "bad-fork-go" / "old", make_log(kOldSize, true).note(kOldSize));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: egide_foreign_log DIR");
    if (const auto started = crypto::initialize(); !started) throw std::runtime_error(started.error().message());
    run(argv[1]);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
