#include "egide/crypto/running_hash.h"

#include <openssl/evp.h>

#include "egide/base/check.h"
#include "unsigned_char.h"

namespace egide::crypto {

struct RunningSha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
};

void RunningSha256::Free::operator()(Context* context) const noexcept {
  EVP_MD_CTX_free(context->evp);
  delete context;
}

RunningSha256::RunningSha256() : context_(new Context) {
  EGIDE_CHECK(context_->evp != nullptr && EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) == 1);
}

void RunningSha256::add(base::ByteView part) {
  EGIDE_CHECK(EVP_DigestUpdate(context_->evp, part.data(), part.size()) == 1);
}

base::Hash32 RunningSha256::finish() {
  base::Hash32 out{};
  EGIDE_CHECK(EVP_DigestFinal_ex(context_->evp, uchars(out), nullptr) == 1);
  return out;
}

}  // namespace egide::crypto
