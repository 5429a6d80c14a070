#include "rotation_files.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/storage/files.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

constexpr const char* kReplaced[] = {kUnsealFile, kDerivationKeyFile, kLogKeyFile, kEpochKeysFile};

}  // namespace

base::Result<void> replace_files(const std::string& directory, const std::map<std::string, std::string>& files,
                                 const BeforeFile& before_file) {
  base::Json json = base::Json::object();
  json["version"] = 1;
  for (const auto& [name, text] : files) json[name] = base::to_base64(base::as_bytes(text));
  EGIDE_TRY_VOID(storage::write_file_durably(in_vault(directory, kRotationFile), json.dump(2) + "\n"));
  return finish_replacing(directory, before_file);
}

base::Result<void> finish_replacing(const std::string& directory, const BeforeFile& before_file) {
  const std::string pending = in_vault(directory, kRotationFile);
  if (!storage::file_exists(pending)) return {};
  EGIDE_TRY(const auto text, storage::read_file(pending));
  base::JsonLimits limits;
  limits.max_bytes = 16U << 20;
  limits.max_string = 8U << 20;
  const auto document = base::parse_json(text, limits);
  const auto damaged = [] { return base::integrity_violation("The file rotation.pending is damaged"); };
  if (!document || !document->is_object()) return damaged();
  for (const char* name : kReplaced) {
    const auto found = document->find(name);
    if (found == document->end()) continue;
    const auto bytes = found->is_string() ? base::from_base64(found->get<std::string>()) : std::nullopt;
    if (!bytes) return damaged();
    if (before_file) EGIDE_TRY_VOID(before_file());
    EGIDE_TRY_VOID(storage::write_file_durably(in_vault(directory, name), base::as_text(*bytes)));
  }
  if (before_file) EGIDE_TRY_VOID(before_file());
  std::error_code failed;
  std::filesystem::remove(pending, failed);
  if (failed) return base::unavailable("A finished rotation can't be put away: remove rotation.pending");
  return {};
}

}  // namespace egide::vault
