// Where a value stands in an event; the pointer is written out only when there is a mistake to tell of. Mistakes say
// what is expected and never quote the value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "egide/base/result.h"

namespace egide::vault {

// The mistakes of one event, after those of the events before it; the first twenty of each.
class Mistakes {
 public:
  explicit Mistakes(std::vector<base::FieldError>& all) : all_(all), before_(all.size()) {}
  void add(std::string pointer, std::string detail) {
    if (all_.size() < before_ + kMost) all_.push_back({std::move(pointer), std::move(detail), 0});
  }

 private:
  static constexpr std::size_t kMost = 20;
  std::vector<base::FieldError>& all_;
  std::size_t before_;
};

// A child points to its parent: keep the parent alive.
class Place {
 public:
  Place(std::string_view root, Mistakes& mistakes) : key_(root), mistakes_(mistakes) {}
  Place in(std::string_view key) const { return Place(this, key, kNone); }
  Place at(std::size_t index) const { return Place(this, {}, index); }
  void mistake(std::string detail) const { mistakes_.add(pointer(), std::move(detail)); }
  std::string pointer() const;  // RFC 6901

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  Place(const Place* up, std::string_view key, std::size_t index)
      : up_(up), key_(key), index_(index), mistakes_(up->mistakes_) {}
  const Place* up_ = nullptr;
  std::string_view key_;
  std::size_t index_ = kNone;
  Mistakes& mistakes_;
};

}  // namespace egide::vault
