// SHA-256 of a text that comes in parts. Thread safety: one thread at a time.
#pragma once

#include <memory>

#include "egide/base/bytes.h"

namespace egide::crypto {

class RunningSha256 {
 public:
  RunningSha256();
  void add(base::ByteView part);
  base::Hash32 finish();  // once; nothing may be added afterwards

 private:
  struct Context;
  struct Free {
    void operator()(Context* context) const noexcept;
  };
  std::unique_ptr<Context, Free> context_;
};

}  // namespace egide::crypto
