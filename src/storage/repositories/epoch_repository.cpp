#include "egide/storage/epoch_repository.h"

#include "repositories/row.h"

namespace egide::storage {

base::Result<std::vector<base::SubjectId>> EpochRepository::not_under(crypto::Epoch current) const {
  Statement& s = connection_.prepare("SELECT id FROM subject WHERE status = 1 AND epoch <> ?1");
  s.bind(1, static_cast<int>(current));
  std::vector<base::SubjectId> out;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return out;
    const auto id = uuid_of(s, 0);
    if (!id) {
      s.reset();
      return id.error();
    }
    out.emplace_back(*id);
  }
}

base::Result<std::optional<EpochRepository::Range>> EpochRepository::in_use() const {
  Statement& s = connection_.prepare("SELECT min(epoch), max(epoch) FROM subject WHERE status = 1");
  EGIDE_TRY(const bool row, s.step());
  std::optional<Range> out;
  if (row && !s.is_null(0))
    out = Range{static_cast<crypto::Epoch>(s.integer(0)), static_cast<crypto::Epoch>(s.integer(1))};
  s.reset();
  return out;
}

}  // namespace egide::storage
