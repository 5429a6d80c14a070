#include <algorithm>

#include "egide/base/check.h"
#include "pack_loader.h"

namespace egide::policies {
namespace {

constexpr std::string_view kPurposesFormat = "egide.purposes/1";

bool is_language(std::string_view text) {
  return text.size() == 2 && text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z';
}

base::Error refused(std::vector<base::FieldError> mistakes) {
  return base::Error(base::ErrorCode::InvalidRequest, "The policy pack is not valid", std::move(mistakes));
}

}  // namespace

PackLoader::PackLoader(const base::JsonWithLines& document, const std::string& file)
    : document_(document), mistakes_(document, file), pack_(std::make_shared<Pack>()) {}

base::Result<std::shared_ptr<const Pack>> PackLoader::load(base::Hash32 (*revision_hash)(base::ByteView)) {
  EGIDE_CHECK(revision_hash != nullptr);
  refuse_preticked(document_.value, "", mistakes_);
  read_document();
  if (!mistakes_.empty()) return refused(mistakes_.in_order_of_lines());
  // dump() sorts members by name and writes no white space: the same pack has the same revision however it is laid out.
  const base::Hash32 hash = revision_hash(base::as_bytes(document_.value.dump()));
  std::copy_n(hash.begin(), pack_->revision_.size(), pack_->revision_.begin());
  for (std::size_t i = 0; i < pack_->purposes_.size(); ++i)
    pack_->index_.emplace(pack_->purposes_[i].id.str(), static_cast<PurposeIndex>(i));
  return std::shared_ptr<const Pack>(std::move(pack_));
}

void PackLoader::read_document() {
  ObjectNode root(&document_.value, "", mistakes_);
  root.choice("format", Need::Required, {kPurposesFormat});
  root.text("$schema", Need::Optional);
  pack_->jurisdiction_ = root.text("jurisdiction", Need::Required);
  vocabulary_.languages = root.strings("languages", Need::Required, 1);
  for (const std::string& language : vocabulary_.languages)
    if (!is_language(language)) root.mistake("languages", "must hold two-letter language codes");
  vocabulary_.recipient_classes = root.strings("recipient_classes", Need::Optional);
  for (const std::string_view known : recipient_classes()) vocabulary_.recipient_classes.emplace_back(known);
  read_texts(root.object("source_levels", Need::Optional));
  read_texts(root.object("field_notes", Need::Optional));
  read_article(root.object("article", Need::Optional));
  root.text("transforms_rule", Need::Optional);

  read_parameters(root.object("parameters", Need::Required));
  read_holidays(root.object("public_holidays", Need::Required));
  read_rights(root.object("rights_by_basis", Need::Required));
  read_data_subjects(root.object("data_subjects", Need::Required));
  read_custom_categories(root.object("data_categories_custom", Need::Optional));
  pack_->special_keys_ = read_category_keys(root, "special_category_keys");
  pack_->criminal_keys_ = read_category_keys(root, "criminal_keys");
  read_transform_names(root.object("transforms", Need::Optional));
  read_enums(root.object("enums", Need::Optional));
  read_purposes(root);
  root.close();
}

// Objects whose member names are free and whose values are explanations.
void PackLoader::read_texts(ObjectNode node) {
  for (const std::string& name : node.remaining()) node.text(name, Need::Required);
  node.close();
}

void PackLoader::read_article(ObjectNode node) {
  for (const char* name : {"title", "author", "language", "asks"}) node.text(name, Need::Optional);
  node.close();
}

void PackLoader::read_data_subjects(ObjectNode node) {
  vocabulary_.data_subjects = node.strings("fideslang", Need::Optional);
  ObjectNode custom = node.object("custom", Need::Optional);
  for (const std::string& name : custom.remaining()) {
    if (!is_word(name)) custom.mistake(name, "must be named by one lower-case word");
    custom.text_by_language(name, Need::Required, vocabulary_.languages, false);
    vocabulary_.data_subjects.push_back(name);
  }
  node.close();
}

void PackLoader::read_custom_categories(ObjectNode node) {
  const auto names = node.remaining();
  for (const std::string& name : names) pack_->declared_categories_.push_back(name);
  for (const std::string& name : names) {
    ObjectNode category = node.object(name, Need::Required);
    if (!is_category_key(name)) node.mistake(name, "must lie under a key of fideslang's user tree");
    const std::string parent = category.text("parent", Need::Required);
    if (!parent.empty() && !pack_->knows_category(parent)) category.mistake("parent", "is not a known category");
    if (!parent.empty() && (parent == name || !category_covers(parent, name)))
      category.mistake("parent", "must be the key without its last words");
    for (const std::string& language : vocabulary_.languages) category.text(language, Need::Required);
    category.close();
  }
  node.close();
}

std::vector<std::string> PackLoader::read_category_keys(ObjectNode& parent, std::string_view key) {
  auto keys = parent.strings(key, Need::Required, 1);
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!pack_->knows_category(keys[i]))
      mistakes_.add(pointer_to(parent.pointer_of(key), i), "is not a known category");
  return keys;
}

void PackLoader::read_transform_names(ObjectNode node) {
  for (const std::string& name : node.remaining()) {
    if (!parse_transform(name)) node.mistake(name, "is not a known transform: " + listed(names_in(kTransforms)));
    node.text_by_language(name, Need::Required, vocabulary_.languages, false);
  }
  node.close();
}

// The pack repeats the vocabularies for its readers; a word the code does not know would be a promise nobody keeps.
void PackLoader::read_enums(ObjectNode node) {
  const std::pair<std::string_view, Words> known[] = {{"kind", purpose_kinds()},
                                                      {"art22_basis", art22_bases()},
                                                      {"automation_level", names_in(kAutomations)},
                                                      {"effect", names_in(kEffects)},
                                                      {"polarity", polarities()},
                                                      {"art22_relevance", art22_relevances()},
                                                      {"oversight_level", oversight_levels()},
                                                      {"objection", names_in(kObjections)},
                                                      {"minors", names_in(kMinorsRules)}};
  for (const auto& [name, words] : known) {
    const base::Json* list = node.array(name, Need::Optional);
    if (list == nullptr) continue;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const base::Json& item = (*list)[i];
      const bool good =
          item.is_null() || (item.is_string() &&
                             std::find(words.begin(), words.end(), item.get_ref<const std::string&>()) != words.end());
      if (!good) mistakes_.add(pointer_to(node.pointer_of(name), i), "must be one of " + listed(words));
    }
  }
  node.close();
}

void PackLoader::read_purposes(ObjectNode& root) {
  const base::Json* list = root.array("purposes", Need::Required, 1);
  if (list == nullptr) return;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string pointer = pointer_to("/purposes", i);
    ObjectNode node(&(*list)[i], pointer, mistakes_);
    Purpose purpose = read_purpose(node, vocabulary_, mistakes_);
    if (!purpose.id.empty() && !ids.insert(purpose.id.str()).second) node.mistake("id", "stands twice in the pack");
    if (node.present()) check_purpose(purpose, pointer, *pack_, mistakes_);
    const auto touches = [&](const std::string& key) {
      return std::any_of(purpose.data_categories.begin(), purpose.data_categories.end(),
                         [&](const std::string& c) { return category_covers(key, c) || category_covers(c, key); });
    };
    purpose.may_hold_special = std::any_of(pack_->special_keys_.begin(), pack_->special_keys_.end(), touches) ||
                               std::any_of(pack_->criminal_keys_.begin(), pack_->criminal_keys_.end(), touches);
    pack_->purposes_.push_back(std::move(purpose));
  }
}

base::Result<std::shared_ptr<const Pack>> load_pack(const std::vector<PackFile>& files,
                                                    base::Hash32 (*revision_hash)(base::ByteView)) {
  std::vector<base::FieldError> mistakes;
  std::vector<std::pair<base::JsonWithLines, std::string>> purposes;
  for (const PackFile& file : files) {
    auto parsed = base::parse_json_with_lines(file.text);
    if (!parsed) {
      base::FieldError where{"", parsed.error().message(), 0};
      if (!parsed.error().fields().empty()) where = parsed.error().fields().front();
      where.detail = file.name + ": " + where.detail;
      mistakes.push_back(std::move(where));
      continue;
    }
    const auto format = parsed->value.is_object() ? parsed->value.find("format") : parsed->value.end();
    // Another kind of file in a pack gets its branch here, and its reader beside PackLoader.
    if (parsed->value.is_object() && format != parsed->value.end() && format->is_string() &&
        format->get_ref<const std::string&>() == kPurposesFormat) {
      purposes.emplace_back(std::move(*parsed), file.name);
    } else {
      mistakes.push_back(
          {"/format",
           file.name + ": must be \"" + std::string(kPurposesFormat) + "\", the one format this version reads",
           parsed->line("/format")});
    }
  }
  if (purposes.size() != 1 && mistakes.empty())
    mistakes.push_back({"", "a pack has exactly one file of format \"" + std::string(kPurposesFormat) + "\"", 0});
  if (purposes.size() != 1) return refused(std::move(mistakes));

  auto loaded = PackLoader(purposes[0].first, purposes[0].second).load(revision_hash);
  if (mistakes.empty()) return loaded;
  if (!loaded)
    for (const auto& field : loaded.error().fields()) mistakes.push_back(field);
  return refused(std::move(mistakes));
}

}  // namespace egide::policies
