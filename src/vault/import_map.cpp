#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"
#include "egide/policies/pack.h"
#include "egide/vault/import_people.h"

namespace egide::vault {
namespace {

using Use = ImportColumn::Use;
using Type = ImportColumn::Type;

Type type_of(const std::string& name) {
  if (name == "email") return Type::Email;
  if (name == "phone") return Type::Phone;
  if (name == "date") return Type::Date;
  if (name == "list") return Type::List;
  if (name == "choice") return Type::Choice;
  return Type::Text;
}

void read_values(base::ObjectReader& in, ImportColumn& column) {
  const base::Json* values = in.required_object("values");
  if (values == nullptr) return;
  for (const auto& item : values->items()) {
    if (item.value().is_string())
      column.values[item.key()] = item.value().get<std::string>();
    else
      in.mistake("values", "must map words to words");
  }
}

ImportColumn read_column(base::ObjectReader& in) {
  ImportColumn column;
  column.name = in.required_string("column", {.max = 200});
  column.required = in.optional_bool("required").value_or(false);
  column.unknown = in.optional_strings("unknown").value_or(std::vector<std::string>());
  const auto category = in.optional_string("category");
  const auto fact = in.optional_choice("fact", {"last_contact", "left"});
  const auto purpose = in.optional_string("consent");
  const auto ignored = in.optional_string("ignore");
  const int uses = (category ? 1 : 0) + (fact ? 1 : 0) + (purpose ? 1 : 0) + (ignored ? 1 : 0);
  if (uses != 1) in.mistake("column", "needs exactly one of category, fact, consent, ignore");
  column.type =
      type_of(in.optional_choice("type", {"text", "email", "phone", "date", "list", "choice"}).value_or("text"));
  column.date_format = in.optional_choice("format", {"dd/mm/yyyy", "yyyy-mm-dd"}).value_or("yyyy-mm-dd");
  column.separator = in.optional_string("separator", {.max = 3}).value_or(",");
  if (category) {
    column.use = Use::Attribute;
    column.category = *category;
    if (!policies::is_category_key(*category)) in.mistake("category", "is not a data category (fideslang key)");
  } else if (fact) {
    column.use = Use::Fact;
    column.fact = *fact;
    if (column.type != Type::Date) in.mistake("type", "must be date for a fact");
  } else if (purpose) {
    column.use = Use::Consent;
    column.purpose = *purpose;
    column.yes = in.required_strings("yes");
    column.no = in.required_strings("no");
    if (column.yes.empty()) in.mistake("yes", "must name at least one word that means consent");
    if (std::find(column.yes.begin(), column.yes.end(), "") != column.yes.end())
      in.mistake("yes", "may not hold the empty word: an empty field is no consent");
  } else if (ignored) {
    column.reason = *ignored;
  }
  if (column.type == Type::Choice) read_values(in, column);
  in.refuse_unknown();
  return column;
}

}  // namespace

base::Result<ImportMap> parse_import_map(std::string_view json_text) {
  EGIDE_TRY(const auto document, base::parse_json_with_lines(json_text));
  base::ObjectReader in(document.value, "");
  ImportMap map;
  in.required_choice("format", {"egide.import-map/1"});
  (void)in.optional_string("$comment", {.max = 4000});
  const std::string separator = in.optional_choice("separator", {";", ",", "\t", "|"}).value_or(";");
  map.separator = separator.front();
  map.locale = in.optional_choice("locale", {"fr", "en"}).value_or("fr");
  map.reference_column = in.optional_string("reference_column").value_or("");
  map.email_column = in.optional_string("email_column").value_or("");
  if (map.reference_column.empty() && map.email_column.empty())
    in.mistake("email_column", "an e-mail or a reference column is needed to know people again");
  if (const base::Json* columns = in.required_array("columns", 500)) {
    for (std::size_t i = 0; i < columns->size(); ++i) {
      base::ObjectReader one((*columns)[i], "/columns/" + std::to_string(i));
      map.columns.push_back(read_column(one));
      in.take(one);
    }
  }
  const auto named = [&](const std::string& name) {
    return std::any_of(map.columns.begin(), map.columns.end(), [&](const auto& c) { return c.name == name; });
  };
  if (!map.reference_column.empty() && !named(map.reference_column))
    in.mistake("reference_column", "is not among the columns");
  if (!map.email_column.empty() && !named(map.email_column)) in.mistake("email_column", "is not among the columns");
  in.refuse_unknown();
  if (in.mistakes().empty()) return map;
  auto mistakes = in.mistakes();
  for (auto& mistake : mistakes) mistake.line = document.line(mistake.pointer);
  return base::Error(base::ErrorCode::InvalidRequest, "The import map is not valid", std::move(mistakes));
}

}  // namespace egide::vault
