#include "egide/vault/import_people.h"

#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/storage/files.h"
#include "egide/vault/accounts.h"
#include "opening.h"
#include "output.h"

namespace egide::app {
namespace {

constexpr std::size_t kMaxFile = 1U << 30;

struct Flags : CommonFlags {
  std::string file, map, pack;
  bool dry_run = false;
};

std::string reasons_of(const vault::RowReport& row) {
  std::string out;
  for (const auto& reason : row.reasons) out += (out.empty() ? "" : "; ") + reason;
  return out;
}

nlohmann::json to_json(const vault::ImportReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& row : report.rows) {
    nlohmann::json one = nlohmann::json::object();
    one["line"] = row.line;
    one["result"] = std::string(vault::name_of(row.result));
    one["reason"] = reasons_of(row);
    rows.push_back(one);
  }
  return {{"dry_run", report.dry_run},
          {"file", "sha256:" + report.file_sha256},
          {"accepted", report.accepted},
          {"updated", report.updated},
          {"unchanged", report.unchanged},
          {"merged", report.merged},
          {"refused", report.refused},
          {"consents",
           {{"given", report.consents_given},
            {"refused", report.consents_refused},
            {"withdrawn", report.consents_withdrawn}}},
          {"rows", rows}};
}

void print(const vault::ImportReport& report) {
  for (const auto& row : report.rows) {
    if (row.reasons.empty()) continue;  // accepted as it is
    print_line("line " + std::to_string(row.line) + ": " + std::string(vault::name_of(row.result)) + ": " +
               reasons_of(row));
  }
  print_line("");
  print_line(std::to_string(report.rows.size()) + " rows: " + std::to_string(report.accepted) + " accepted, " +
             std::to_string(report.updated) + " updated, " + std::to_string(report.unchanged) + " unchanged, " +
             std::to_string(report.merged) + " merged, " + std::to_string(report.refused) + " refused");
  print_line("Consents: " + std::to_string(report.consents_given) + " given, " +
             std::to_string(report.consents_refused) + " refused, " + std::to_string(report.consents_withdrawn) +
             " withdrawn");
  if (report.dry_run) print_line("Dry run: nothing was written.");
}

base::Result<void> run(const Flags& flags) {
  EGIDE_TRY(const auto map_text, storage::read_file(flags.map));
  EGIDE_TRY(const auto map, vault::parse_import_map(map_text));
  EGIDE_TRY(const auto file, storage::read_file(flags.file, kMaxFile));
  EGIDE_TRY(const auto opened, open_vault(flags.data, flags.pack));
  vault::ImportPeople importer(opened->services());
  EGIDE_TRY(const auto report,
            importer.execute(vault::Accounts::operator_of_the_machine(opened->services()), file, map, flags.dry_run,
                             progress_line(flags.dry_run ? "checking" : "importing")));
  if (flags.json)
    print_json(to_json(report));
  else
    print(report);
  return {};
}

}  // namespace

void register_import(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand("import", "Take people and consents in from a CSV file, all or nothing");
  add_common(command, *flags);
  command.add_option("file", flags->file, "The CSV file")->required()->check(CLI::ExistingFile)->type_name("FILE.csv");
  command.add_option("--map", flags->map, "What each column is (packaging/import/benevoles.json to begin with)")
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("MAP.json");
  command.add_option("--pack", flags->pack, "Another policy pack than the bundled one")->type_name("DIR");
  command.add_flag("--dry-run", flags->dry_run, "Report what would happen and write nothing");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
