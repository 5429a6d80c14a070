// Packages of access (Art. 15) and portability (Art. 20) requests: docs/formats/access-package.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "egide/storage/connection.h"
#include "egide/storage/request_repository.h"
#include "egide/vault/requests.h"
#include "services.h"

namespace egide::vault {

// Everything the vault holds about one person, read from one snapshot and opened. JSON values as the package shows
// them.
struct PersonCopy;

struct PackageBytes {
  std::string body;
  base::Hash32 sha256{};
};
// On the caller's thread. Reads and opens; writes nothing: the caller logs (package.made) and stores. Gone when erased.
base::Result<PackageBytes> build_package(Services& services, const storage::RequestRow& request);

// The stored row: sealed under the person's key, at its place.
storage::PackageRow seal_package(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                 const base::RecordId& request, const PackageBytes& package, base::Timestamp now);
base::Result<std::string> open_package(const Services& services, base::ByteView dek, const storage::PackageRow& row);

}  // namespace egide::vault
