#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/storage/sqlcipher.h"
#include "output.h"

namespace egide::app {

void register_version(CLI::App& root) {
  auto flags = std::make_shared<CommonFlags>();
  CLI::App& command = *root.add_subcommand("version", "Print the versions of egide and of what it stands on");
  add_common(command, *flags, false);
  on_run(command, [flags]() -> base::Result<void> {
    const std::string engine = storage::sqlcipher_version();
    if (flags->json)
      print_json({{"egide", EGIDE_VERSION}, {"sqlcipher", engine}});
    else
      print_line("egide " EGIDE_VERSION " (SQLCipher " + engine + ")");
    return {};
  });
}

}  // namespace egide::app
