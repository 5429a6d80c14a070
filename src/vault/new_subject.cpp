#include "new_subject.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/crypto/random.h"
#include "egide/policies/transform.h"
#include "sealing.h"

namespace egide::vault {
namespace {

constexpr const char* kEmail = "user.contact.email";
constexpr const char* kBirthDate = "user.demographic.date_of_birth";
constexpr std::size_t kMaxValueBytes = 16 << 10;
constexpr std::size_t kMaxAttributes = 100;

// Text, number, boolean, or a list of texts: what people's records hold. Null removes (UpdateSubject).
bool is_attribute_value(const nlohmann::json& value) {
  if (value.is_string() || value.is_number() || value.is_boolean() || value.is_null()) return true;
  if (!value.is_array() || value.size() > 200) return false;
  for (const auto& item : value)
    if (!item.is_string()) return false;
  return true;
}

bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 >= text.size() || text.size() > 254) return false;
  if (text.find('@', at + 1) != std::string_view::npos) return false;
  if (text.find_first_of(" \t\r\n,;<>\"()[]\\") != std::string_view::npos) return false;
  const auto domain = text.substr(at + 1);
  return domain.find('.') != std::string_view::npos && domain.front() != '.' && domain.back() != '.';
}

const char* mistake_in(const std::string& category, const nlohmann::json& value, base::Timestamp now) {
  if (!policies::is_category_key(category)) return "is not a data category (fideslang key)";
  if (!is_attribute_value(value)) return "must be a text, a number, true or false, or a list of texts";
  if (value.dump().size() > kMaxValueBytes) return "is longer than 16 KiB";
  if (value.is_null()) return nullptr;
  if (category == kEmail) {
    if (!value.is_string() || !looks_like_email(value.get_ref<const std::string&>()))
      return "must be one e-mail address";
  }
  if (category == kReferenceCategory && !value.is_string() && !value.is_array())
    return "must be a text or a list of texts";
  if (category == kBirthDate) {
    const auto date = value.is_string() ? base::parse_date(value.get_ref<const std::string&>()) : std::nullopt;
    if (!date) return "must be a date such as 1980-02-29";
    const auto today = base::central_european_date(now);
    if (*date > today || base::full_years_between(*date, today) > 130) return "must be a date of the last 130 years";
  }
  return nullptr;
}

}  // namespace

base::Result<void> check_attributes(const Attributes& attributes, const std::string& pointer, base::Timestamp now) {
  std::vector<base::FieldError> mistakes;
  if (attributes.size() > kMaxAttributes) mistakes.push_back({pointer, "must have at most 100 members", 0});
  for (const auto& [category, value] : attributes)
    if (const char* mistake = mistake_in(category, value, now))
      mistakes.push_back({pointer + "/" + category, mistake, 0});
  if (mistakes.empty()) return {};
  return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes));
}

base::Result<base::Bytes> index_value(const Services& services, std::string_view field, std::string_view text) {
  EGIDE_TRY(const auto index, services.exact_index(field));
  return index.of(field == "email" ? crypto::normalise_email(text) : std::string(text));
}

base::Result<std::vector<IndexValue>> index_values(const Services& services, const Attributes& attributes) {
  std::vector<IndexValue> out;
  const auto add = [&](const nlohmann::json& text, const char* field) -> base::Result<void> {
    if (!text.is_string()) return {};
    EGIDE_TRY(auto value, index_value(services, field, text.get_ref<const std::string&>()));
    out.push_back({field, std::move(value)});
    return {};
  };
  if (const auto email = attributes.find(kEmail); email != attributes.end())
    EGIDE_TRY_VOID(add(email->second, "email"));
  const auto reference = attributes.find(kReferenceCategory);
  if (reference == attributes.end()) return out;
  // One number, or all the numbers under which the organisation's files know the person.
  if (!reference->second.is_array()) {
    EGIDE_TRY_VOID(add(reference->second, "reference"));
    return out;
  }
  for (const auto& one : reference->second) EGIDE_TRY_VOID(add(one, "reference"));
  return out;
}

storage::AttributeRow seal_attribute(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                     const std::string& category, const std::string& value_json, std::int64_t version,
                                     const std::string& source, base::Timestamp now) {
  storage::AttributeRow row;
  row.category = category;
  row.version = version;
  row.updated_at = now;
  row.source = source;
  row.sealed =
      seal_field(services, dek, subject, {"attribute", subject.str(), category, static_cast<int>(version)}, value_json);
  return row;
}

base::Result<Attributes> open_attributes(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                         const std::vector<storage::AttributeRow>& rows) {
  Attributes out;
  for (const auto& row : rows) {
    EGIDE_TRY(const std::string text,
              open_field(services, dek, subject,
                         {"attribute", subject.str(), row.category, static_cast<int>(row.version)}, row.sealed));
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_discarded()) return base::integrity_violation("A stored attribute is damaged");
    out.emplace(row.category, std::move(value));
  }
  return out;
}

void take_facts(const Attributes& changes, PersonalFacts& facts) {
  const auto text_of = [&](const char* category) -> std::optional<std::string> {
    const auto found = changes.find(category);
    if (found == changes.end()) return std::nullopt;
    return found->second.is_string() ? found->second.get<std::string>() : std::string();
  };
  if (const auto birth = text_of(kBirthDate)) facts.birth_date = base::parse_date(*birth);
  if (const auto postcode = text_of("user.contact.address.postal_code"))
    facts.departement = policies::departement_of(*postcode);
}

base::Result<NewSubject> make_subject(const Services& services, const Attributes& attributes, PersonalFacts facts,
                                      const std::string& locale, const std::string& source, base::Timestamp now) {
  NewSubject out;
  const base::SubjectId id(crypto::random_uuid());
  const auto dek = crypto::SecretKey::random();
  const auto kaudit = crypto::SecretKey::random();
  EGIDE_TRY(const crypto::Epoch epoch, services.epoch_keys.current());

  take_facts(attributes, facts);
  out.row.id = id;
  out.row.locale = locale;
  out.row.created_at = now;
  out.row.keys = crypto::wrap_subject_keys(services.epoch_keys, epoch, id, dek, kaudit);
  out.row.facts =
      seal_field(services, dek.expose_secret(), id, {"subject", id.str(), "facts", 1}, facts_to_text(facts));
  for (const auto& [category, value] : attributes)
    out.attributes.push_back(
        seal_attribute(services, dek.expose_secret(), id, category, value.dump(), out.row.version, source, now));
  EGIDE_TRY(out.indexes, index_values(services, attributes));

  auto state = std::make_shared<SubjectState>();
  state->id = id;
  state->locale = locale;
  state->facts = facts;
  state->keys = out.row.keys;
  out.state = std::move(state);
  return out;
}

namespace {

base::Result<void> refuse_taken(const storage::SubjectRepository& people, const IndexValue& index) {
  EGIDE_TRY(const auto taken, people.find_by_index(index.field, index.value));
  if (taken.empty()) return {};
  return base::conflict(index.field == "email" ? "A person with this e-mail address is registered already"
                                               : "A person with this reference is registered already");
}

}  // namespace

base::Result<void> update_indexes(const Services& services, storage::SubjectRepository& people,
                                  const base::SubjectId& id, const Attributes& changes) {
  if (changes.count(kEmail) > 0) EGIDE_TRY_VOID(people.remove_index("email", id));
  if (changes.count(kReferenceCategory) > 0) EGIDE_TRY_VOID(people.remove_index("reference", id));
  EGIDE_TRY(const auto values, index_values(services, changes));
  for (const auto& index : values) {
    EGIDE_TRY_VOID(refuse_taken(people, index));
    EGIDE_TRY_VOID(people.put_index(index.field, index.value, id));
  }
  return {};
}

base::Result<void> insert_subject(storage::Connection& connection, const NewSubject& subject) {
  storage::SubjectRepository people(connection);
  for (const auto& index : subject.indexes) EGIDE_TRY_VOID(refuse_taken(people, index));
  EGIDE_TRY_VOID(people.insert(subject.row));
  for (const auto& attribute : subject.attributes) EGIDE_TRY_VOID(people.put_attribute(subject.row.id, attribute));
  for (const auto& index : subject.indexes) EGIDE_TRY_VOID(people.put_index(index.field, index.value, subject.row.id));
  return {};
}

}  // namespace egide::vault
