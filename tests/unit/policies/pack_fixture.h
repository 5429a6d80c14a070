// Packs for the tests: the bundled one, whole or cut down, as JSON to change before loading.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "egide/base/result.h"
#include "egide/policies/pack.h"

namespace egide::policies::testing {

using nlohmann::json;

// Not cryptographic: tells packs apart, which is all these tests need.
base::Hash32 toy_hash(base::ByteView bytes);

base::Result<std::shared_ptr<const Pack>> load(const json& document);
base::Result<std::shared_ptr<const Pack>> load_text(const std::string& text);

const json& bundled_document();
// The bundled pack with two of its purposes: membership.admin first, ai.mission_matching second.
json small_document();
// The purpose of `document` with this id.
json& purpose_in(json& document, const std::string& id);

const Pack& bundled_pack();
// With the purposes of tests/policies/purposes.json added.
const Pack& case_pack();

// The mistake at `pointer`, without the file's name; empty where there is none. Fails the test when the load succeeded.
std::string mistake_at(const json& document, const std::string& pointer);

}  // namespace egide::policies::testing
