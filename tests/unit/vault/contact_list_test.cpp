// The lists behind "whom may I contact?": whole, in an order that tells nothing, and current whoever changes meanwhile.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "access_gateway.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"

namespace egide::vault {
namespace {

constexpr std::size_t kPeople = 100'000;
constexpr std::size_t kPage = 500;

class ContactListTest : public ::testing::Test {
 protected:
  std::shared_ptr<const policies::Pack> pack =
      *policies::load_pack(policies::bundled_pack_files(), [](base::ByteView text) { return crypto::sha256(text); });
  crypto::DerivedKeys keys = *crypto::DerivedKeys::make(base::as_bytes("0123456789abcdef0123456789abcdef"));
  SubjectProjection subjects;
  ContactLists lists{keys, subjects, *pack};
  policies::PurposeIndex purpose = *pack->index_of("ai.mission_matching");

  void SetUp() override { subjects.observe(&lists); }

  std::shared_ptr<SubjectState> person(policies::ConsentState state = policies::ConsentState::Given) {
    auto out = std::make_shared<SubjectState>();
    out->id = base::SubjectId(crypto::random_uuid());
    out->consent_for(purpose).person.facts.state = state;
    return out;
  }
  std::vector<base::SubjectId> all(const std::string& tool, std::size_t page = kPage) {
    const auto list = lists.list(purpose, tool);
    EXPECT_TRUE(list);
    std::vector<base::SubjectId> out;
    std::optional<base::Uuid> position;
    for (;;) {
      const auto some = (*list)->after(position, page);
      if (some.empty()) return out;
      EXPECT_LE(some.size(), page);
      for (const auto& place : some) out.push_back(place.subject);
      position = some.back().pseudonym;
    }
  }
};

TEST_F(ContactListTest, HoldsAHundredThousandPeopleOnceEach) {
  std::set<base::SubjectId> agreed;
  for (std::size_t i = 0; i < kPeople; ++i) {
    const auto one = person(i % 10 == 0 ? policies::ConsentState::Refused : policies::ConsentState::Given);
    if (i % 10 != 0) agreed.insert(one->id);
    subjects.put(one);
  }
  const auto first = all("matcher"), second = all("other");
  EXPECT_EQ(first.size(), agreed.size());
  EXPECT_EQ(std::set<base::SubjectId>(first.begin(), first.end()), agreed);
  EXPECT_EQ(std::set<base::SubjectId>(second.begin(), second.end()), agreed);
  EXPECT_NE(first, second);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
}

TEST_F(ContactListTest, FollowsEveryLastingChange) {
  const auto holds = [&](const base::SubjectId& id) {
    const auto list = all("matcher");
    return std::count(list.begin(), list.end(), id) == 1;
  };
  auto one = person();
  const auto id = one->id;
  subjects.put(one);
  EXPECT_TRUE(holds(id));
  const auto change = [&](auto&& edit) {
    auto next = std::make_shared<SubjectState>(*subjects.find(id));
    edit(*next);
    subjects.put(next);
  };
  using policies::ConsentState;
  for (const auto state : {ConsentState::Withdrawn, ConsentState::Refused, ConsentState::Expired,
                           ConsentState::Requested, ConsentState::Invalidated, ConsentState::Revoked}) {
    change([&](SubjectState& s) { s.consent_for(purpose).person.facts.state = state; });
    EXPECT_FALSE(holds(id));
    change([&](SubjectState& s) { s.consent_for(purpose).person.facts.state = ConsentState::RenewedGiven; });
    EXPECT_TRUE(holds(id));
  }
  change([](SubjectState& s) { s.restricted = true; });
  EXPECT_FALSE(holds(id));
  change([](SubjectState& s) { s.restricted = false; });
  EXPECT_TRUE(holds(id));
  change([&](SubjectState& s) { s.objections.push_back(purpose); });
  EXPECT_FALSE(holds(id));
  change([](SubjectState& s) { s.objections.clear(); });
  EXPECT_TRUE(holds(id));
  change([](SubjectState& s) { s.erased = true; });
  EXPECT_FALSE(holds(id));
}

TEST_F(ContactListTest, IsCurrentWhenPeopleChangeWhileItIsBuilt) {
  std::vector<base::SubjectId> ids;
  for (std::size_t i = 0; i < 20'000; ++i) {
    const auto one = person();
    ids.push_back(one->id);
    subjects.put(one);
  }
  std::thread committer([&] {  // one thread changes people, as in a vault
    for (std::size_t i = 0; i < ids.size(); i += 2) {
      auto next = std::make_shared<SubjectState>(*subjects.find(ids[i]));
      next->consent_for(purpose).person.facts.state = policies::ConsentState::Withdrawn;
      subjects.put(next);
      subjects.put(person());
    }
  });
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(lists.list(purpose, "tool" + std::to_string(i)));
  committer.join();
  for (int i = 0; i < 4; ++i) {
    const auto found = all("tool" + std::to_string(i));
    EXPECT_EQ(found.size(), ids.size());
    const std::set<base::SubjectId> set(found.begin(), found.end());
    for (std::size_t n = 0; n < ids.size(); ++n) ASSERT_EQ(set.count(ids[n]), n % 2) << n;
  }
}

TEST_F(ContactListTest, RemembersACountOnlyWhileNothingChanges) {
  subjects.put(person());
  const auto list = *lists.list(purpose, "matcher");
  ContactList::CountKey key;
  key.version = list->version();
  list->remember_count(key, 1);
  EXPECT_EQ(list->counted(key), std::uint64_t{1});
  ContactList::CountKey later = key;
  later.minute = 1;
  EXPECT_FALSE(list->counted(later).has_value());
  subjects.put(person());
  key.version = list->version();
  EXPECT_FALSE(list->counted(key).has_value());
}

}  // namespace
}  // namespace egide::vault
