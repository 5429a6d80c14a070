// The vault behind the ports of this module: its accounts are the credentials, its store keeps answers.
#pragma once

#include "egide/api/authenticator.h"
#include "egide/api/idempotency.h"
#include "egide/vault/accounts.h"
#include "egide/vault/idempotency.h"

namespace egide::api {

// Thread safety: may be called from many threads.
class VaultAuthenticator final : public Authenticator {
 public:
  explicit VaultAuthenticator(vault::Services& services) : accounts_(services) {}
  // The caller's `principal` is a vault::Caller.
  base::Result<Caller> authenticate(std::string_view token) override;

 private:
  const vault::Accounts accounts_;
};

// Thread safety: may be called from many threads.
class VaultIdempotencyStore final : public IdempotencyStore {
 public:
  explicit VaultIdempotencyStore(vault::Services& services) : store_(services) {}
  base::Result<Begin> begin(const base::Hash32& scope, const base::Hash32& fingerprint) override;
  base::Result<void> complete(const base::Hash32& scope, const HttpResponse& answer) override;
  void abandon(const base::Hash32& scope) noexcept override;

 private:
  vault::DurableIdempotency store_;
};

}  // namespace egide::api
