#include "dataset_people.h"

#include <algorithm>

#include "egide/base/time.h"
#include "egide/policies/transform.h"
#include "egide/policies/transform_result.h"
#include "egide/storage/subject_repository.h"
#include "new_subject.h"

namespace egide::vault {
namespace {

constexpr std::size_t kPeopleASnapshot = 500;  // an erasure waits for readers of old snapshots
constexpr std::string_view kPseudonym = "user.unique_id.pseudonymous";

class Reader {
 public:
  Reader(Services& services, const DatasetPlan& plan, base::Timestamp now, DatasetPeople& out)
      : services_(services), plan_(plan), rules_(services.pack->at(plan.purpose)), out_(out) {
    to_open_ = policies::categories_read_aside(rules_, plan.categories);
    to_open_.insert(to_open_.end(), plan.categories.begin(), plan.categories.end());
    context_.today = base::central_european_date(now);
    // No keyed hash: a value under a key of the tool's domain would link the export to what the tool has.
    context_.people_in_area = [&services](std::string_view area) {
      return services.subjects.people_in(std::string(area));
    };
    for (const auto& category : plan.categories)
      if (category != kPseudonym && column_kind(category, *services.pack) == ColumnKind::Never &&
          !has_exportable(category))
        out_.withheld[category] = "not_exportable";
  }

  base::Result<void> read(storage::Connection& connection, const SubjectState& state, std::size_t row) {
    EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state.id, state.keys));
    EGIDE_TRY(const auto rows, storage::SubjectRepository(connection).attributes(state.id));
    std::vector<storage::AttributeRow> needed;
    for (const auto& attribute : rows)
      if (std::any_of(to_open_.begin(), to_open_.end(),
                      [&](const auto& key) { return policies::category_covers(key, attribute.category); }))
        needed.push_back(attribute);
    EGIDE_TRY(const auto attributes, open_attributes(services_, dek.expose_secret(), state.id, needed));
    const auto fields = policies::transform_fields(rules_, attributes, plan_.categories, *services_.pack, context_);
    for (const auto& field : fields.fields) EGIDE_TRY_VOID(add(field.category, field.value, row));
    for (const auto& withheld : fields.withheld)
      if (withheld.reason != "not_held" && withheld.category != kPseudonym)
        out_.withheld.emplace(withheld.category, withheld.reason);
    for (auto& column : out_.columns) column.fill(row + 1);
    return {};
  }

 private:
  // "user.contact.address" may not leave as a whole; a postal code under it may.
  static bool has_exportable(const std::string& category) {
    return policies::category_covers(category, "user.contact.address.postal_code") ||
           policies::category_covers(category, "user.demographic") ||
           policies::category_covers(category, "user.behavior");
  }

  base::Result<void> add(const std::string& category, const nlohmann::json& value, std::size_t row) {
    const ColumnKind kind = column_kind(category, *services_.pack);
    if (kind == ColumnKind::Never) {
      if (category != kPseudonym) out_.withheld[category] = "not_exportable";
      return {};
    }
    auto column = std::find_if(out_.columns.begin(), out_.columns.end(),
                               [&](const DatasetColumn& c) { return c.category() == category; });
    if (column == out_.columns.end()) {
      if (out_.columns.size() >= kMaxDatasetColumns)
        return base::Error(base::ErrorCode::TooLarge, "A dataset has at most 12 columns: name the fields");
      column = out_.columns.insert(column, DatasetColumn(category, kind, role_of(category), row));
    }
    column->add(value, context_.today);
    return {};
  }

  anonymity::ColumnRole role_of(const std::string& category) const {
    const bool declared = std::any_of(plan_.sensitive.begin(), plan_.sensitive.end(), [&](const std::string& key) {
      return policies::category_covers(key, category) && !is_always_quasi_identifier(category);
    });
    return declared || is_always_sensitive(category, *services_.pack) ? anonymity::ColumnRole::Sensitive
                                                                      : anonymity::ColumnRole::QuasiIdentifier;
  }

  Services& services_;
  const DatasetPlan& plan_;
  const policies::Purpose& rules_;
  std::vector<std::string> to_open_;
  policies::TransformContext context_;
  DatasetPeople& out_;
};

// Columns that can't leave go, the others stand in the order of their names, and rare sensitive values are hidden.
void finish_columns(DatasetPeople& people, const DatasetPlan& plan) {
  for (const auto& column : people.columns)
    if (column.is_free_text()) people.withheld[column.category()] = "free_text";
  people.columns.erase(std::remove_if(people.columns.begin(), people.columns.end(),
                                      [](const DatasetColumn& column) { return column.is_free_text(); }),
                       people.columns.end());
  std::sort(people.columns.begin(), people.columns.end(),
            [](const DatasetColumn& a, const DatasetColumn& b) { return a.name() < b.name(); });
  for (auto& column : people.columns)
    if (column.role() == anonymity::ColumnRole::Sensitive) people.rare_values += column.hide_rare(plan.requirements.k);
}

}  // namespace

base::Result<std::vector<SubjectStatePtr>> permitted_people(const Services& services, const DatasetPlan& plan,
                                                            base::Timestamp now) {
  std::vector<SubjectStatePtr> out;
  services.subjects.for_each([&](const SubjectStatePtr& state) {
    if (out.size() <= kMaxDatasetPeople && is_permitted(services, plan, *state, now)) out.push_back(state);
  });
  if (out.size() > kMaxDatasetPeople)
    return base::Error(base::ErrorCode::TooLarge, "A dataset has at most 200000 people");
  return out;
}

base::Result<DatasetPeople> read_people(Services& services, const DatasetPlan& plan,
                                        std::vector<SubjectStatePtr> people, base::Timestamp now) {
  DatasetPeople out;
  Reader reader(services, plan, now, out);
  for (std::size_t begin = 0; begin < people.size(); begin += kPeopleASnapshot) {
    EGIDE_TRY(const auto reads, services.reads->lease());
    const std::size_t end = std::min(people.size(), begin + kPeopleASnapshot);
    for (std::size_t row = begin; row < end; ++row) EGIDE_TRY_VOID(reader.read(*reads, *people[row], row));
  }
  out.people = std::move(people);
  finish_columns(out, plan);
  return out;
}

}  // namespace egide::vault
