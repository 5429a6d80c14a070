// What the tests of crypto share. Linking crypto_testing.cpp also starts the module before the first case.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/crypto/secret.h"

// The sanitizers turn mlock into a no-operation.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EGIDE_MLOCK_WORKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define EGIDE_MLOCK_WORKS 0
#endif
#endif
#ifndef EGIDE_MLOCK_WORKS
#define EGIDE_MLOCK_WORKS 1
#endif

namespace egide::crypto {

base::Bytes hex(std::string_view text);  // stops the test program on anything but hex
base::Bytes filled(int byte, std::size_t size = 32);
SecretBytes secret(int byte, std::size_t size = 32);
// The `index`-th ```json block of a document, so that the examples printed there are run.
std::string json_example(const std::string& document, int index = 0);

}  // namespace egide::crypto
