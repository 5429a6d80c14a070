#include "tampering_connection.h"

namespace egide::storage {

class TamperingConnection::TamperingStatement final : public Statement {
 public:
  using Statement::bind;
  TamperingStatement(TamperingConnection& owner, std::string sql) : owner_(owner), sql_(std::move(sql)) {}

  void attach(Statement& inside) { inside_ = &inside; }
  void bind(int parameter, std::int64_t value) override { inside_->bind(parameter, value); }
  void bind(int parameter, std::string_view text) override { inside_->bind(parameter, text); }
  void bind(int parameter, base::ByteView blob) override { inside_->bind(parameter, blob); }
  void bind_null(int parameter) override { inside_->bind_null(parameter); }
  base::Result<bool> step() override {
    flipped_.clear();
    if (!owner_.failing_.empty() && sql_.find(owner_.failing_) != std::string::npos) {
      owner_.failing_.clear();
      return base::unavailable("injected");
    }
    auto row = inside_->step();
    if (row && *row && !owner_.flipping_.empty() && sql_.find(owner_.flipping_) != std::string::npos &&
        owner_.rows_before_flip_-- == 0) {
      // The blob stands in the last column of every statement that is tampered with.
      const int column = sql_.rfind("SELECT i", 0) == 0 ? 1 : 0;
      flipped_ = base::to_bytes(inside_->blob(column));
      flipped_[flipped_.size() / 2] ^= std::byte{0x10};
      owner_.tampered_ = true;
    }
    return row;
  }
  void reset() override { inside_->reset(); }
  std::int64_t integer(int column) const override { return inside_->integer(column); }
  std::string_view text(int column) const override { return inside_->text(column); }
  base::ByteView blob(int column) const override { return flipped_.empty() ? inside_->blob(column) : flipped_; }
  bool is_null(int column) const override { return inside_->is_null(column); }

 private:
  TamperingConnection& owner_;
  const std::string sql_;
  Statement* inside_ = nullptr;
  base::Bytes flipped_;
};

TamperingConnection::TamperingConnection(std::unique_ptr<Connection> inside) : inside_(std::move(inside)) {}
TamperingConnection::~TamperingConnection() = default;

void TamperingConnection::flip_bit(std::string text, int row) {
  flipping_ = std::move(text);
  rows_before_flip_ = row;
}

Statement& TamperingConnection::prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end())
    found = statements_.emplace(std::string(sql), std::make_unique<TamperingStatement>(*this, std::string(sql))).first;
  found->second->attach(inside_->prepare(sql));
  return *found->second;
}

base::Result<void> TamperingConnection::begin_write() {
  if (fail_begin_) return base::unavailable("injected");
  return inside_->begin_write();
}

base::Result<void> TamperingConnection::commit() {
  ++commits_;
  if (fail_commit_) return base::unavailable("injected");
  return inside_->commit();
}

}  // namespace egide::storage
