// One value under one transform. Nothing comes back for a value that the transform does not understand: it is withheld.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "egide/policies/transform.h"

namespace egide::policies {

std::optional<nlohmann::json> apply_transform(TransformKind kind, const std::string& category,
                                              const nlohmann::json& value, const Pack& pack,
                                              const TransformContext& context,
                                              const std::vector<std::string>& known_names);

// "lundi soir, mercredi après-midi" -> the slots that were recognised, in the order of the week. slots.cpp
std::vector<std::string> slots_in(std::string_view text);

}  // namespace egide::policies
