// What every command of the command line shares. Exit: 0 done, 1 refused or failed with one clear line on stderr,
// 2 bad usage.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "egide/base/result.h"

namespace egide::app {

// Flags that each command takes.
struct CommonFlags {
  bool json = false;
  std::string data;
};

// Adds `--json`, and `--data DIR` where the command works on a vault.
void add_common(CLI::App& command, CommonFlags& flags, bool needs_data = true);

// A command registers itself with its options and what runs when it is chosen: Result<void> to exit 0 or 1.
using Run = std::function<base::Result<void>()>;
void on_run(CLI::App& command, Run run);

void register_init(CLI::App& root);
void register_serve(CLI::App& root);
void register_demo(CLI::App& root);
void register_import(CLI::App& root);
void register_verify(CLI::App& root);
void register_user(CLI::App& root);
void register_tool(CLI::App& root);
void register_slot(CLI::App& root);
void register_backup(CLI::App& root);
void register_restore(CLI::App& root);
void register_key(CLI::App& root);
void register_doctor(CLI::App& root);
void register_version(CLI::App& root);

}  // namespace egide::app
