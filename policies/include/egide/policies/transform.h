// Field transforms of a purpose: what a tool gets instead of the raw value. The most specific category wins; a category
// in no line passes unchanged; a category outside the permitted ones never passes.
//
// Thread safety: free functions without state; the context's functions are called on the caller's thread.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/time.h"
#include "egide/policies/pack.h"

namespace egide::policies {

struct TransformContext {
  base::Date today{};
  std::string pseudonym;  // "p_..." for this tool and purpose
  // Keyed hash of a value for this tool and purpose, as text.
  std::function<std::string(std::string_view category, std::string_view value)> keyed_hash;
  // How many living people of the vault have a postal code of this area ("69" or "69003"); used to widen an area.
  std::function<std::int64_t(std::string_view area)> people_in_area;
  // Names to take out of free text besides those among the attributes: guardians, colleagues.
  std::vector<std::string> known_names;
};

struct TransformedField;  // in transform_result.h

struct TransformResult;  // fields given, and categories withheld with the reason; in transform_result.h

// `attributes`: category -> JSON value (string, array of strings, number, object). `permitted`: from
// permitted_categories(). Unparseable values under a generalising transform are withheld, never passed raw.
TransformResult transform_fields(const Purpose& purpose, const std::map<std::string, nlohmann::json>& attributes,
                                 const std::vector<std::string>& permitted, const Pack& pack,
                                 const TransformContext& context);

// Keys that the transforms of `permitted` read without passing them on: the names that redaction takes out, the birth
// date that an age range is made from. Put them among `attributes` as well.
std::vector<std::string> categories_read_aside(const Purpose& purpose, const std::vector<std::string>& permitted);

// "<18", "18-29", ... from the lower bounds of the pack.
std::string age_band(base::Date birth, base::Date today, const std::vector<int>& bounds);
// The département of a French postal code: "69003" -> "69", "20137" -> "2A", "20200" -> "2B", "97400" -> "974". Empty
// when it is none.
std::string departement_of(std::string_view postal_code);
// Names, e-mail addresses, telephone numbers, long numbers and links replaced in free text.
std::string redact_free_text(std::string_view text, const std::vector<std::string>& known_names);

}  // namespace egide::policies
