#include "pack_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "egide/testing/shared_data.h"

namespace egide::policies::testing {

base::Hash32 toy_hash(base::ByteView bytes) {
  std::uint64_t state = 1469598103934665603ULL;
  base::Hash32 out{};
  for (std::size_t i = 0; i < bytes.size() + out.size(); ++i) {
    state = (state ^ (i < bytes.size() ? static_cast<std::uint64_t>(bytes[i]) : 0U)) * 1099511628211ULL;
    out[i % out.size()] ^= static_cast<std::byte>(state >> 56U);
  }
  return out;
}

base::Result<std::shared_ptr<const Pack>> load_text(const std::string& text) {
  PackFile file;
  file.name = "pack.json";
  file.text = text;
  return load_pack({file}, &toy_hash);
}

base::Result<std::shared_ptr<const Pack>> load(const json& document) { return load_text(document.dump(1)); }

const json& bundled_document() {
  static const json document = json::parse(bundled_pack_files().at(0).text);
  return document;
}

json& purpose_in(json& document, const std::string& id) {
  auto& purposes = document["purposes"];
  const auto found = std::find_if(purposes.begin(), purposes.end(), [&](const json& p) { return p["id"] == id; });
  if (found == purposes.end()) throw std::runtime_error("no purpose " + id);
  return *found;
}

json small_document() {
  json document = bundled_document();
  json kept = json::array();
  for (const char* id : {"membership.admin", "ai.mission_matching"}) kept.push_back(purpose_in(document, id));
  document["purposes"] = kept;
  return document;
}

const Pack& bundled_pack() {
  static const auto pack = load_pack(bundled_pack_files(), &toy_hash).value();
  return *pack;
}

const Pack& case_pack() {
  static const auto pack = [] {
    json document = bundled_document();
    const json added = json::parse(egide::testing::read_file(EGIDE_SOURCE_DIR "/tests/policies/purposes.json"));
    for (const json& purpose : added.at("purposes")) document["purposes"].push_back(purpose);
    return load(document).value();
  }();
  return *pack;
}

std::string mistake_at(const json& document, const std::string& pointer) {
  const auto loaded = load(document);
  if (loaded) {
    ADD_FAILURE() << "the pack was accepted";
    return {};
  }
  for (const auto& field : loaded.error().fields())
    if (field.pointer == pointer) return field.detail.substr(std::string("pack.json: ").size());
  std::string all;
  for (const auto& field : loaded.error().fields()) all += field.pointer + " " + field.detail + "\n";
  ADD_FAILURE() << "nothing at " << pointer << ", but:\n" << all;
  return {};
}

}  // namespace egide::policies::testing
