// The HTTP methods egide knows. Any other is refused before routing.
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace egide::api {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options };

const char* name_of(Method method) noexcept;                         // "GET"
std::optional<Method> parse_method(std::string_view text) noexcept;  // case-sensitive (RFC 9110, 9.1)

}  // namespace egide::api
