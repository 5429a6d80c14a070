// A log served over HTTP (C2SP tlog-tiles), as a source for the verifier. Owner of libcurl.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "egide/audit/log_verifier.h"
#include "egide/crypto/secret.h"

namespace egide::app {

class HttpLogSource final : public audit::LogSource {
 public:
  // `url`: of the server; the log lies under /log. `token`: for entry bundles.
  HttpLogSource(std::string url, std::optional<crypto::SecretBytes> token);
  ~HttpLogSource() override;

  base::Result<std::string> checkpoint() override;
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override;
  base::Result<std::vector<base::Hash32>> nodes(std::uint64_t from, std::uint64_t count) override;

  bool has_token() const noexcept { return token_.has_value(); }
  // Hashes of leaves [from, from + 256), from the hash tiles that everybody may read.
  base::Result<std::vector<base::Hash32>> leaf_hashes(std::uint64_t tile, std::uint64_t size);
  base::Result<std::string> get(const std::string& path, bool with_token);

 private:
  struct Curl;
  std::string url_;
  std::optional<crypto::SecretBytes> token_;
  std::unique_ptr<Curl> curl_;
  std::string note_;  // fetched once: one verification sees one checkpoint
  std::uint64_t size_ = 0;
};

}  // namespace egide::app
