// Checks of single values of a decision event. Each tells its mistake and goes on.
#pragma once

#include <initializer_list>
#include <string_view>

#include "decision_place.h"
#include "egide/base/json.h"

namespace egide::vault {

// Text without control characters: identifiers, versions, codes.
bool check_text(const base::Json& value, const Place& place, std::size_t max);
bool check_choice(const base::Json& value, const Place& place, std::initializer_list<std::string_view> choices);
void check_flag(const base::Json& value, const Place& place);
void check_number(const base::Json& value, const Place& place);
void check_count(const base::Json& value, const Place& place);  // an integer from 0
void check_time(const base::Json& value, const Place& place);   // RFC 3339
void check_day(const base::Json& value, const Place& place);    // a date, or RFC 3339
// {"fr": "...", "en": "..."}: keys are language tags.
void check_texts(const base::Json& value, const Place& place);
// An object whose members are short texts.
void check_labels(const base::Json& value, const Place& place);
void check_list_of_texts(const base::Json& value, const Place& place);
void check_pointers(const base::Json& value, const Place& place);  // of RFC 6901
bool check_object(const base::Json& value, const Place& place);
bool check_array(const base::Json& value, const Place& place, std::size_t max);
// nullptr, and a mistake, where the member is missing.
const base::Json* required(const base::Json& object, std::string_view name, const Place& place);

}  // namespace egide::vault
