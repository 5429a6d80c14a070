// Builds a Pack from one document of format "egide.purposes/1". The only class that writes a Pack's members.
#pragma once

#include <memory>
#include <set>

#include "object_node.h"

namespace egide::policies {

// What the pack declares and its purposes may then use.
struct Vocabulary {
  std::vector<std::string> languages, data_subjects, recipient_classes;
};

// One purpose, with every mistake of its own members. load_purpose.cpp
Purpose read_purpose(ObjectNode& node, const Vocabulary& vocabulary, Mistakes& mistakes);
// What only makes sense together: consent and basis, special categories and their condition. load_checks.cpp
void check_purpose(const Purpose& purpose, const std::string& pointer, const Pack& pack, Mistakes& mistakes);
// Members anywhere that would tick a box for somebody. load_checks.cpp
void refuse_preticked(const base::Json& value, const std::string& pointer, Mistakes& mistakes);

enum class ParameterKind;  // load_numbers.cpp

class PackLoader {
 public:
  PackLoader(const base::JsonWithLines& document, const std::string& file);
  base::Result<std::shared_ptr<const Pack>> load(base::Hash32 (*revision_hash)(base::ByteView));

 private:
  // load_pack.cpp
  void read_document();
  void read_data_subjects(ObjectNode node);
  void read_custom_categories(ObjectNode node);
  std::vector<std::string> read_category_keys(ObjectNode& parent, std::string_view key);
  void read_transform_names(ObjectNode node);
  void read_enums(ObjectNode node);
  void read_texts(ObjectNode node);
  void read_article(ObjectNode node);
  void read_purposes(ObjectNode& root);
  // load_numbers.cpp
  void read_parameters(ObjectNode node);
  void read_parameter(ObjectNode& parameters, std::string_view name, ParameterKind kind, Need need);
  void settle_parameters(const ObjectNode& parameters);
  void read_holidays(ObjectNode node);
  void read_rights(ObjectNode node);

  const base::JsonWithLines& document_;
  Mistakes mistakes_;
  Vocabulary vocabulary_;
  std::shared_ptr<Pack> pack_;
};

}  // namespace egide::policies
