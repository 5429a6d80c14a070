#include <algorithm>

#include "pack_loader.h"

namespace egide::policies {

enum class ParameterKind { Duration, NullableDuration, Integer, Flag, Integers, UnknownAge };

namespace {

using Kind = ParameterKind;

struct Parameter {
  std::string_view name;
  Kind kind;
  Need need;
};

// Every number the code asks for. Durations are asked for without a default, so all that hold for every association are
// required; the health_* ones concern care bodies.
constexpr Parameter kParameters[] = {
    {"minor_consent_age", Kind::Integer, Need::Required},
    {"age_of_majority", Kind::Integer, Need::Optional},
    {"guardian_signatures_required", Kind::Integer, Need::Optional},
    {"unknown_age", Kind::UnknownAge, Need::Required},
    {"age_bands", Kind::Integers, Need::Optional},
    {"request_response", Kind::Duration, Need::Required},
    {"request_extension_total", Kind::Duration, Need::Required},
    {"request_roll_to_working_day", Kind::Flag, Need::Optional},
    {"request_pause_while_identifying", Kind::Flag, Need::Optional},
    {"health_file_response", Kind::Duration, Need::Optional},
    {"health_file_response_old", Kind::Duration, Need::Optional},
    {"health_file_old_after", Kind::Duration, Need::Optional},
    {"indirect_collection_notice", Kind::Duration, Need::Required},
    {"breach_authority_notice", Kind::Duration, Need::Required},
    {"consent_validity_default", Kind::Duration, Need::Required},
    {"consent_renewal_notice", Kind::Duration, Need::Required},
    {"reask_after_refusal", Kind::NullableDuration, Need::Optional},
    {"reask_after_withdrawal", Kind::NullableDuration, Need::Optional},
    {"double_opt_in_token", Kind::Duration, Need::Required},
    {"login_code", Kind::Duration, Need::Required},
    {"decision_max_age", Kind::Duration, Need::Required},
    {"requestable_denial_lifetime", Kind::Duration, Need::Required},
    {"decision_record_min", Kind::Duration, Need::Required},
    {"suppression_list_min", Kind::Duration, Need::Required},
    {"log_retention", Kind::Duration, Need::Required},
    {"log_retention_min", Kind::Duration, Need::Required},
    {"log_retention_max_with_justification", Kind::Duration, Need::Required},
    {"k_display", Kind::Integer, Need::Required},
    {"k_display_floor", Kind::Integer, Need::Optional},
    {"password_entropy_bits", Kind::Integer, Need::Optional},
    {"idempotency_retention", Kind::Duration, Need::Required},
    {"webhook_retry_delays_s", Kind::Integers, Need::Optional},
    {"webhook_tolerance", Kind::Duration, Need::Required},
    {"webhook_timeout", Kind::Duration, Need::Required},
    {"backup_epoch_horizon", Kind::Duration, Need::Required},
};

constexpr std::int64_t kMaxInteger = 1'000'000;

std::vector<std::int64_t> integers(ObjectNode& node, std::string_view key, Mistakes& mistakes) {
  std::vector<std::int64_t> out;
  const base::Json* list = node.array(key, Need::Required, 1);
  if (list == nullptr) return out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const base::Json& item = (*list)[i];
    if (item.is_number_unsigned() && item.get<std::uint64_t>() <= static_cast<std::uint64_t>(kMaxInteger))
      out.push_back(item.get<std::int64_t>());
    else
      mistakes.add(pointer_to(node.pointer_of(key), i), "must be an integer between 0 and 1000000");
  }
  return out;
}

std::optional<std::pair<unsigned, unsigned>> month_day(const std::string& text) {
  const auto date = base::parse_date("2001-" + text);  // a common year: 29 February is no yearly holiday
  if (!date || text.size() != 5) return std::nullopt;
  return std::pair<unsigned, unsigned>(static_cast<unsigned>(date->month()), static_cast<unsigned>(date->day()));
}

}  // namespace

void PackLoader::read_parameter(ObjectNode& parameters, std::string_view name, ParameterKind kind, Need need) {
  ObjectNode node = parameters.object(name, need);
  node.text("source", Need::Optional);
  node.text("level", Need::Optional);
  const std::string key(name);
  switch (kind) {
    case Kind::Duration:
    case Kind::NullableDuration:
      if (const auto value = node.duration("value", kind == Kind::Duration ? Need::Required : Need::Optional))
        pack_->durations_[key] = *value;
      break;
    case Kind::Integer:
      if (const auto value = node.integer("value", Need::Required, 0, kMaxInteger)) pack_->integers_[key] = *value;
      break;
    case Kind::Flag:
      if (const auto value = node.boolean("value", Need::Required)) pack_->integers_[key] = *value ? 1 : 0;
      break;
    case Kind::Integers:
      if (node.present())
        pack_->lists_[key] = integers(node, "value", mistakes_);
      else
        node.array("value", Need::Optional);
      break;
    case Kind::UnknownAge:
      pack_->unknown_age_is_adult_ = node.choice("value", Need::Required, {"adult", "minor"}) != "minor";
      break;
  }
  node.close();
}

void PackLoader::read_parameters(ObjectNode node) {
  for (const Parameter& parameter : kParameters) read_parameter(node, parameter.name, parameter.kind, parameter.need);
  node.close();
  settle_parameters(node);
}

// Numbers that decide() reads on every call, and their limits.
void PackLoader::settle_parameters(const ObjectNode& parameters) {
  const auto value_of = [&](const char* name) { return pointer_to(parameters.pointer_of(name), "value"); };
  pack_->minor_consent_age_ = static_cast<int>(pack_->integer("minor_consent_age").value_or(0));
  // GDPR Art. 8(1): a member state may go down from 16 to 13.
  if (pack_->integer("minor_consent_age") && (pack_->minor_consent_age_ < 13 || pack_->minor_consent_age_ > 18))
    mistakes_.add(value_of("minor_consent_age"), "must be between 13 and 18");
  pack_->age_of_majority_ = static_cast<int>(pack_->integer("age_of_majority").value_or(pack_->minor_consent_age_));
  if (pack_->age_of_majority_ < pack_->minor_consent_age_)
    mistakes_.add(value_of("age_of_majority"), "must not be below minor_consent_age");
  pack_->k_display_ = static_cast<int>(pack_->integer("k_display").value_or(0));
  if (pack_->integer("k_display") &&
      pack_->k_display_ < std::max<std::int64_t>(2, pack_->integer("k_display_floor").value_or(2)))
    mistakes_.add(value_of("k_display"), "must be at least 2, and at least k_display_floor");
  if (const auto* bands = pack_->list("age_bands")) {
    for (std::size_t i = 0; i < bands->size(); ++i) {
      const bool rising = i == 0 ? (*bands)[0] > 0 : (*bands)[i] > (*bands)[i - 1];
      if (!rising || (*bands)[i] > 150) mistakes_.add(pointer_to(value_of("age_bands"), i), "must rise, up to 150");
      pack_->age_bands_.push_back(static_cast<int>((*bands)[i]));
    }
  }
}

void PackLoader::read_holidays(ObjectNode node) {
  node.text("country", Need::Required);
  node.text("level", Need::Optional);
  node.text("note", Need::Optional);
  const auto fixed = node.strings("fixed", Need::Required);
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (const auto day = month_day(fixed[i]))
      pack_->fixed_holidays_.push_back(*day);
    else
      mistakes_.add(pointer_to(node.pointer_of("fixed"), i), "must be a day of the year, MM-DD");
  }
  const base::Json* moving = node.array("days_after_easter", Need::Required);
  for (std::size_t i = 0; moving != nullptr && i < moving->size(); ++i) {
    const base::Json& item = (*moving)[i];
    if (item.is_number_integer() && item.get<std::int64_t>() >= -100 && item.get<std::int64_t>() <= 200)
      pack_->days_after_easter_.push_back(item.get<int>());
    else
      mistakes_.add(pointer_to(node.pointer_of("days_after_easter"), i), "must be an integer between -100 and 200");
  }
  node.close();
}

void PackLoader::read_rights(ObjectNode node) {
  node.text("source", Need::Optional);
  node.text("level", Need::Optional);
  node.strings("conditional", Need::Optional);
  const auto columns = node.choices("columns", Need::Required, right_columns());
  if (node.present() && columns.size() != right_columns().size())
    node.mistake("columns", "must name each right once: " + listed(right_columns()));
  ObjectNode rows = node.object("rows", Need::Required);
  for (const auto& [basis, name] : kLegalBases) {
    const base::Json* row = rows.array(name, Need::Required);
    if (row == nullptr) continue;
    if (row->size() != columns.size()) rows.mistake(name, "must have one cell a column");
    for (std::size_t i = 0; i < row->size(); ++i) {
      const base::Json& cell = (*row)[i];
      const auto& words = right_cells();
      if (!cell.is_string() || std::find(words.begin(), words.end(), cell.get_ref<const std::string&>()) == words.end())
        mistakes_.add(pointer_to(rows.pointer_of(name), i), "must be one of " + listed(words));
      else if (i < columns.size())
        pack_->rights_[{basis, columns[i]}] = cell.get<std::string>();
    }
  }
  rows.close();
  node.close();
}

}  // namespace egide::policies
