// The C libraries take unsigned char; egide holds std::byte. The one place where the pointers are converted.
#pragma once

#include "egide/base/bytes.h"

namespace egide::crypto {

inline const unsigned char* uchars(base::ByteView bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* uchars(std::span<std::byte> bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
template <std::size_t N>
unsigned char* uchars(base::ByteArray<N>& bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
template <std::size_t N>
const unsigned char* uchars(const base::ByteArray<N>& bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace egide::crypto
