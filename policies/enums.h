// Enumerators and their names, as the packs write them. One table a type: the loader's lists, the schema and the
// messages all come from here.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "egide/policies/pack.h"

namespace egide::policies {

template <typename E, std::size_t N>
using NameTable = std::array<std::pair<E, std::string_view>, N>;

extern const NameTable<LegalBasis, 6> kLegalBases;
extern const NameTable<Automation, 5> kAutomations;
extern const NameTable<Effect, 4> kEffects;
extern const NameTable<Objection, 4> kObjections;
extern const NameTable<MinorsRule, 3> kMinorsRules;
extern const NameTable<TransformKind, 13> kTransforms;

// Vocabularies without a type of their own.
using Words = std::vector<std::string_view>;
const Words& purpose_kinds();
const Words& polarities();
const Words& art22_bases();
const Words& art22_relevances();
const Words& oversight_levels();
const Words& purpose_rights();
const Words& right_columns();
const Words& right_cells();
const Words& erasure_exceptions();
const Words& restriction_exceptions();
const Words& special_category_bases();
const Words& recipient_classes();

template <typename E, std::size_t N>
std::string_view name_in(const NameTable<E, N>& table, E value) noexcept {
  for (const auto& [key, name] : table)
    if (key == value) return name;
  return {};
}

template <typename E, std::size_t N>
std::optional<E> value_in(const NameTable<E, N>& table, std::string_view name) noexcept {
  for (const auto& [key, text] : table)
    if (text == name) return key;
  return std::nullopt;
}

template <typename E, std::size_t N>
Words names_in(const NameTable<E, N>& table) {
  Words out;
  for (const auto& entry : table) out.push_back(entry.second);
  return out;
}

}  // namespace egide::policies
