#include "import_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "egide/base/time.h"
#include "egide/crypto/derived_keys.h"

namespace egide::vault {
namespace {

using Use = ImportColumn::Use;
using Type = ImportColumn::Type;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_one_of(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "06.39.98 21 22" -> "0639982122"; "+33 6 39 98 80 74" and "0033639988074" -> "0639988074". Empty when it is no
// number.
std::string phone_number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c == '+' && digits.empty())
      digits += "00";
    else if (c != ' ' && c != '.' && c != '-' && c != '(' && c != ')' && c != '/')
      return {};
  }
  if (digits.starts_with("0033")) digits = "0" + digits.substr(4);
  return digits.size() >= 6 && digits.size() <= 17 ? digits : std::string();
}

std::optional<base::Date> date_of(std::string_view text, const std::string& format) {
  return format == "dd/mm/yyyy" ? base::parse_french_date(text) : base::parse_date(text);
}

nlohmann::json list_of(std::string_view text, const std::string& separator) {
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(separator, from), text.size());
    const auto item = trimmed(text.substr(from, to - from));
    if (!item.empty()) list.push_back(std::string(item));
    from = to + separator.size();
  }
  return list;
}

// Converts one row; `reasons` gets a line for each value that can't be taken.
class RowConverter {
 public:
  RowConverter(const ImportMap& map, base::Timestamp now) : map_(map), now_(now) {}

  ImportedPerson convert(const CsvRecord& record, const std::vector<const ImportColumn*>& columns,
                         std::vector<std::string>& reasons) const {
    ImportedPerson person;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const ImportColumn& column = *columns[i];
      if (column.use == Use::Ignore) continue;
      const std::string_view text = trimmed(record.fields[i]);
      if (column.use == Use::Consent) {
        take_consent(column, text, record.line, person, reasons);
      } else if (text.empty() || is_one_of(column.unknown, text)) {
        if (column.required) reasons.push_back("column '" + column.name + "' is required and empty");
      } else {
        take_value(column, text, person, reasons);
      }
    }
    identify(person);
    if (reasons.empty()) check(person, reasons);
    return person;
  }

 private:
  static void take_consent(const ImportColumn& column, std::string_view text, int line, ImportedPerson& person,
                           std::vector<std::string>& reasons) {
    ImportedConsent consent;
    consent.purpose = column.purpose;
    consent.line = line;
    consent.column = column.name;
    if (is_one_of(column.yes, text))
      consent.answer = Answer::Yes;
    else if (is_one_of(column.no, text))
      consent.answer = Answer::No;
    else if (!text.empty() && !is_one_of(column.unknown, text))
      reasons.push_back("column '" + column.name + "': the word is neither a yes nor a no of the map");
    person.consents.push_back(std::move(consent));
  }

  static void take_value(const ImportColumn& column, std::string_view text, ImportedPerson& person,
                         std::vector<std::string>& reasons) {
    const auto refuse = [&](const char* why) { reasons.push_back("column '" + column.name + "' " + why); };
    nlohmann::json value = std::string(text);
    if (column.type == Type::Date) {
      const auto date = date_of(text, column.date_format);
      if (!date) return refuse("is not a date of the calendar in the form of the map");
      if (column.use == Use::Fact) {
        (column.fact == "left" ? person.facts.left : person.facts.last_contact) = date;
        return;
      }
      value = base::format_date(*date);
    } else if (column.type == Type::Phone) {
      value = phone_number(text);
      if (value.get_ref<const std::string&>().empty()) return refuse("is not a telephone number");
    } else if (column.type == Type::List) {
      value = list_of(text, column.separator);
    } else if (column.type == Type::Choice) {
      const auto word = column.values.find(std::string(text));
      if (word == column.values.end()) return refuse("holds a word that the map doesn't name");
      value = word->second;
    }
    person.attributes[column.category] = std::move(value);
  }

  void identify(ImportedPerson& person) const {
    const auto text_at = [&](const char* category) -> std::string {
      const auto found = person.attributes.find(category);
      return found != person.attributes.end() && found->second.is_string() ? found->second.get<std::string>()
                                                                           : std::string();
    };
    person.email = crypto::normalise_email(text_at("user.contact.email"));
    const std::string reference = text_at(kReferenceCategory);
    if (!reference.empty()) person.references.push_back(reference);
  }

  void check(const ImportedPerson& person, std::vector<std::string>& reasons) const {
    if (person.email.empty() && person.references.empty())
      reasons.emplace_back("neither an e-mail address nor a reference: the person could not be known again");
    const auto checked = check_attributes(person.attributes, "", now_);
    if (checked) return;
    for (const auto& mistake : checked.error().fields()) {
      const std::string category = mistake.pointer.substr(1);
      for (const auto& column : map_.columns)
        if (column.category == category) reasons.push_back("column '" + column.name + "' " + mistake.detail);
    }
  }

  const ImportMap& map_;
  base::Timestamp now_;
};

base::Result<std::vector<const ImportColumn*>> match_header(const CsvRecord& header, const ImportMap& map) {
  std::vector<const ImportColumn*> columns;
  std::vector<base::FieldError> mistakes;
  for (const auto& name : header.fields) {
    const auto found =
        std::find_if(map.columns.begin(), map.columns.end(), [&](const auto& c) { return c.name == name; });
    if (found == map.columns.end())
      mistakes.push_back(
          {"", "the file has a column that the map doesn't name (map it, or ignore it with a reason): '" + name + "'",
           1});
    else if (std::find(columns.begin(), columns.end(), &*found) != columns.end())
      mistakes.push_back({"", "the file has a column twice: '" + name + "'", 1});
    else
      columns.push_back(&*found);
  }
  for (const auto& column : map.columns)
    if (std::find(header.fields.begin(), header.fields.end(), column.name) == header.fields.end())
      mistakes.push_back({"", "the map names a column that the file lacks: '" + column.name + "'", 1});
  if (!mistakes.empty())
    return base::Error(base::ErrorCode::InvalidRequest, "The file's columns differ from the map's",
                       std::move(mistakes));
  return columns;
}

// The same address or number in two rows is one person. What the first row says stays; later rows fill gaps. Of two
// answers to one consent the refusal counts: an answer that contradicts itself is no unambiguous consent (Art. 4(11)).
class Merger {
 public:
  explicit Merger(ImportedFile& file) : file_(file) {}

  void add(ImportedPerson person) {
    std::optional<std::size_t> known = find(person);
    if (known && *known == kAmbiguous) {
      RowReport& report = file_.rows[person.report];
      report.result = RowResult::Refused;
      report.reasons.emplace_back("its e-mail address and its reference belong to two different people of this file");
      return;
    }
    if (known) {
      merge(file_.people[*known], std::move(person));
      remember(file_.people[*known], *known);
      return;
    }
    file_.people.push_back(std::move(person));
    remember(file_.people.back(), file_.people.size() - 1);
  }

 private:
  static constexpr std::size_t kAmbiguous = static_cast<std::size_t>(-1);

  std::optional<std::size_t> find(const ImportedPerson& person) const {
    std::optional<std::size_t> known;
    const auto meet = [&](const std::unordered_map<std::string, std::size_t>& index, const std::string& key) {
      const auto found = key.empty() ? index.end() : index.find(key);
      if (found == index.end()) return;
      known = known && *known != found->second ? kAmbiguous : found->second;
    };
    meet(by_email_, person.email);
    for (const auto& reference : person.references) meet(by_reference_, reference);
    return known;
  }

  void remember(const ImportedPerson& person, std::size_t index) {
    if (!person.email.empty()) by_email_[person.email] = index;
    for (const auto& reference : person.references) by_reference_[reference] = index;
  }

  void merge(ImportedPerson& into, ImportedPerson&& from) {
    RowReport& report = file_.rows[from.report];
    report.result = RowResult::Merged;
    report.reasons.push_back("same person as line " + std::to_string(file_.rows[into.report].line));
    into.merged_reports.push_back(from.report);
    for (const auto& reference : from.references)
      if (std::find(into.references.begin(), into.references.end(), reference) == into.references.end())
        into.references.push_back(reference);
    for (auto& [category, value] : from.attributes) {
      if (category == kReferenceCategory) continue;
      const auto [at, added] = into.attributes.emplace(category, value);
      if (!added && at->second != value && category != "user.contact.email")
        report.reasons.push_back("another value for " + category + ": that of the first row is kept");
    }
    if (into.references.size() > 1) into.attributes[kReferenceCategory] = into.references;
    if (!into.facts.last_contact) into.facts.last_contact = from.facts.last_contact;
    if (!into.facts.left) into.facts.left = from.facts.left;
    for (std::size_t i = 0; i < into.consents.size(); ++i) merge_consent(into.consents[i], from.consents[i], report);
  }

  static void merge_consent(ImportedConsent& into, const ImportedConsent& from, RowReport& report) {
    if (from.answer == Answer::None || from.answer == into.answer) return;
    if (into.answer != Answer::None)
      report.reasons.push_back("contradicts the first row on consent for " + into.purpose + ": the refusal counts");
    if (into.answer == Answer::None || from.answer == Answer::No) into = from;
  }

  ImportedFile& file_;
  std::unordered_map<std::string, std::size_t> by_email_, by_reference_;
};

}  // namespace

base::Result<ImportedFile> read_people(std::string_view file, const ImportMap& map, base::Timestamp now) {
  EGIDE_TRY(const auto records, read_csv(file, map.separator));
  if (records.empty()) return base::invalid_request("The file is empty");
  if (!records.front().mistake.empty())
    return base::invalid_request("The header can't be read: " + records.front().mistake);
  EGIDE_TRY(const auto columns, match_header(records.front(), map));

  ImportedFile out;
  Merger merger(out);
  const RowConverter converter(map, now);
  for (std::size_t i = 1; i < records.size(); ++i) {
    const CsvRecord& record = records[i];
    RowReport report;
    report.line = record.line;
    ImportedPerson person;
    if (!record.mistake.empty()) {
      report.reasons.push_back(record.mistake);
    } else if (record.fields.size() != columns.size()) {
      report.reasons.push_back("has " + std::to_string(record.fields.size()) + " fields instead of " +
                               std::to_string(columns.size()) + " (a separator inside an unquoted field?)");
    } else {
      person = converter.convert(record, columns, report.reasons);
    }
    const bool refused = !report.reasons.empty();
    report.result = refused ? RowResult::Refused : RowResult::Accepted;
    out.rows.push_back(std::move(report));
    if (refused) continue;
    person.report = out.rows.size() - 1;
    merger.add(std::move(person));
  }
  return out;
}

}  // namespace egide::vault
