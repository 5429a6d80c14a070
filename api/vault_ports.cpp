#include "vault_ports.h"

namespace egide::api {
namespace {

Role role_of(vault::Role role) noexcept {
  switch (role) {
    case vault::Role::Tool:
      return Role::Tool;
    case vault::Role::Subject:
      return Role::Subject;
    case vault::Role::Coordinator:
      return Role::Coordinator;
    case vault::Role::Dpo:
      return Role::Dpo;
    case vault::Role::Auditor:
      return Role::Auditor;
    case vault::Role::Admin:
      return Role::Admin;
  }
  return Role::Public;
}

CallerKind kind_of(vault::Role role) noexcept {
  if (role == vault::Role::Tool) return CallerKind::Tool;
  return role == vault::Role::Subject ? CallerKind::Subject : CallerKind::Staff;
}

HttpResponse to_response(const vault::StoredAnswer& stored) {
  HttpResponse out;
  out.status = stored.status;
  out.content_type = stored.content_type;
  out.cache_control = stored.cache_control;
  out.headers = stored.headers;
  out.body = stored.body;
  return out;
}

}  // namespace

base::Result<Caller> VaultAuthenticator::authenticate(std::string_view token) {
  EGIDE_TRY(auto found, accounts_.authenticate(token));
  auto principal = std::make_shared<const vault::Caller>(std::move(found));
  Caller caller;
  caller.kind = kind_of(principal->role);
  caller.role = role_of(principal->role);
  caller.id = principal->id;
  caller.actor_pseudonym = principal->actor;
  caller.principal = std::move(principal);
  return caller;
}

base::Result<IdempotencyStore::Begin> VaultIdempotencyStore::begin(const base::Hash32& scope,
                                                                   const base::Hash32& fingerprint) {
  EGIDE_TRY(auto begun, store_.begin(scope, fingerprint));
  Begin out;
  switch (begun.outcome) {
    case vault::DurableIdempotency::Outcome::Fresh:
      out.outcome = Outcome::Begun;
      break;
    case vault::DurableIdempotency::Outcome::Stored:
      out.outcome = Outcome::Replay;
      out.answer = to_response(*begun.answer);
      break;
    case vault::DurableIdempotency::Outcome::Mismatch:
      out.outcome = Outcome::OtherBody;
      break;
    case vault::DurableIdempotency::Outcome::Running:
      out.outcome = Outcome::Running;
      break;
  }
  return out;
}

base::Result<void> VaultIdempotencyStore::complete(const base::Hash32& scope, const HttpResponse& answer) {
  vault::StoredAnswer stored;
  stored.status = answer.status;
  stored.content_type = answer.content_type;
  stored.cache_control = answer.cache_control;
  stored.headers = answer.headers;
  stored.body = answer.body;
  return store_.finish(scope, stored, answer.concerns);
}

void VaultIdempotencyStore::abandon(const base::Hash32& scope) noexcept { store_.abandon(scope); }

}  // namespace egide::api
