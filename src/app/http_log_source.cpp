#include "http_log_source.h"

#include <curl/curl.h>

#include <algorithm>

#include "egide/audit/note.h"
#include "egide/audit/tile.h"

namespace egide::app {
namespace {

constexpr std::size_t kMaxAnswer = 64U << 20;

std::size_t take(char* data, std::size_t size, std::size_t count, void* user) {
  auto& out = *static_cast<std::string*>(user);
  if (out.size() + size * count > kMaxAnswer) return 0;  // ends the transfer with an error
  out.append(data, size * count);
  return size * count;
}

audit::TileAddress tile_at(std::uint64_t number, std::uint64_t size, bool entries) {
  audit::TileAddress tile;
  tile.entries = entries;
  tile.number = number;
  tile.width = static_cast<int>(std::min<std::uint64_t>(256, size - number * 256));
  return tile;
}

}  // namespace

struct HttpLogSource::Curl {
  CURL* handle = curl_easy_init();
  ~Curl() { curl_easy_cleanup(handle); }
};

HttpLogSource::HttpLogSource(std::string url, std::optional<crypto::SecretBytes> token)
    : url_(std::move(url)), token_(std::move(token)), curl_(std::make_unique<Curl>()) {
  while (!url_.empty() && url_.back() == '/') url_.pop_back();
}
HttpLogSource::~HttpLogSource() = default;

base::Result<std::string> HttpLogSource::get(const std::string& path, bool with_token) {
  CURL* handle = curl_->handle;
  if (handle == nullptr) return base::unavailable("libcurl could not be started");
  curl_easy_reset(handle);
  std::string answer;
  const std::string address = url_ + path;
  curl_slist* headers = nullptr;
  if (with_token && token_) {
    std::string header = "Authorization: Bearer ";
    header += base::as_text(token_->expose_secret());
    headers = curl_slist_append(headers, header.c_str());
    crypto::wipe(header);
  }
  curl_easy_setopt(handle, CURLOPT_URL, address.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);
  if (code != CURLE_OK) return base::unavailable(path + " can't be fetched: " + curl_easy_strerror(code));
  if (status == 401 || status == 403) return base::forbidden(path + " needs an auditor's token: set EGIDE_TOKEN_FILE");
  if (status != 200) return base::unavailable(path + " answered " + std::to_string(status));
  return answer;
}

base::Result<std::string> HttpLogSource::checkpoint() {
  if (note_.empty()) {
    EGIDE_TRY(note_, get("/log/checkpoint", false));
    EGIDE_TRY(const auto read, audit::read_unverified_checkpoint(note_));
    size_ = read.size;
  }
  return note_;
}

base::Result<std::vector<std::string>> HttpLogSource::leaves(std::uint64_t from, std::uint64_t count) {
  EGIDE_TRY([[maybe_unused]] const auto note, checkpoint());
  std::vector<std::string> out;
  const std::uint64_t end = std::min(size_, from + count);
  while (from + out.size() < end) {
    const std::uint64_t at = from + out.size();
    EGIDE_TRY(const auto bytes, get("/log/" + tile_at(at / 256, size_, true).path(), true));
    EGIDE_TRY(auto bundle, audit::read_bundle(base::as_bytes(bytes)));
    const std::size_t skip = at % 256;
    if (bundle.size() <= skip) return base::integrity_violation("An entry bundle is shorter than the log's size says");
    for (std::size_t i = skip; i < bundle.size() && from + out.size() < end; ++i) out.push_back(std::move(bundle[i]));
  }
  return out;
}

base::Result<std::vector<base::Hash32>> HttpLogSource::nodes(std::uint64_t, std::uint64_t) {
  return std::vector<base::Hash32>();  // the verifier computes its own
}

base::Result<std::vector<base::Hash32>> HttpLogSource::leaf_hashes(std::uint64_t tile, std::uint64_t size) {
  const auto address = tile_at(tile, size, false);
  EGIDE_TRY(const auto bytes, get("/log/" + address.path(), false));
  if (bytes.size() != static_cast<std::size_t>(address.width) * 32)
    return base::integrity_violation("A tile has a wrong length: " + address.path());
  std::vector<base::Hash32> out;
  for (std::size_t i = 0; i < bytes.size(); i += 32)
    out.push_back(*base::to_array<32>(base::as_bytes(std::string_view(bytes).substr(i, 32))));
  return out;
}

}  // namespace egide::app
