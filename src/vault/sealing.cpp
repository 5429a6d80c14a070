#include "sealing.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/time.h"

namespace egide::vault {
namespace {

base::Bytes ad_of(const Services& services, const base::SubjectId& subject, const FieldPlace& place) {
  const std::string subject_text = subject.str();
  crypto::RecordPlace full;
  full.tenant = services.tenant;
  full.table = place.table;
  full.record = place.record;
  full.field = place.field;
  full.version = place.version;
  full.subject = subject_text;
  return crypto::record_ad(full);
}

void append_date(std::string& out, const char* key, const std::optional<base::Date>& date) {
  if (!date) return;
  if (out.size() > 1) out += ',';
  out += '"';
  out += key;
  out += "\":\"" + base::format_date(*date) + '"';
}

}  // namespace

base::Bytes seal_field(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                       const FieldPlace& place, std::string_view plain) {
  return crypto::seal_record(dek, ad_of(services, subject, place), base::as_bytes(plain));
}

base::Result<std::string> open_field(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                     const FieldPlace& place, base::ByteView sealed) {
  EGIDE_TRY(const base::Bytes plain, crypto::open_record(dek, ad_of(services, subject, place), sealed));
  return std::string(base::as_text(plain));
}

std::string facts_to_text(const PersonalFacts& facts) {
  std::string out = "{";
  append_date(out, "birth", facts.birth_date);
  append_date(out, "contact", facts.last_contact);
  append_date(out, "left", facts.left);
  if (!facts.departement.empty())
    out += std::string(out.size() > 1 ? "," : "") + "\"dep\":\"" + facts.departement + '"';
  return out + "}";
}

base::Result<PersonalFacts> facts_from_text(std::string_view text) {
  PersonalFacts facts;
  if (text == "{}") return facts;  // the most common, at start
  auto json = base::parse_json(text);
  if (!json) return base::integrity_violation("Stored facts are damaged");
  base::ObjectReader in(*json, "");
  const auto read = [&in](const char* key) {
    const auto value = in.optional_string(key);
    return value ? base::parse_date(*value) : std::nullopt;
  };
  facts.birth_date = read("birth");
  facts.last_contact = read("contact");
  facts.left = read("left");
  facts.departement = in.optional_string("dep").value_or("");
  if (!in.finish()) return base::integrity_violation("Stored facts are damaged");
  return facts;
}

}  // namespace egide::vault
