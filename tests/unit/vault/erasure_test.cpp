// Erasure (Article 17): nothing of the person is left, the log still verifies, and the receipt proves it.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "egide/audit/log_verifier.h"
#include "egide/audit/proof_file.h"
#include "egide/storage/subject_repository.h"
#include "egide/testing/shared_data.h"
#include "egide/vault/reidentifications.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

// Passes everything on and remembers the texts.
class RecordingConnection final : public storage::Connection {
 public:
  explicit RecordingConnection(storage::Connection& inner) : inner_(inner) {}
  storage::Statement& prepare(std::string_view sql) override {
    texts.insert(std::string(sql));
    return inner_.prepare(sql);
  }
  base::Result<void> execute(std::string_view sql) override { return inner_.execute(sql); }
  std::int64_t changes() const override { return inner_.changes(); }
  base::Result<void> begin_write() override { return inner_.begin_write(); }
  base::Result<void> begin_read() override { return inner_.begin_read(); }
  base::Result<void> commit() override { return inner_.commit(); }
  void rollback() noexcept override { inner_.rollback(); }
  bool in_transaction() const noexcept override { return inner_.in_transaction(); }
  bool broken() const noexcept override { return inner_.broken(); }
  base::Result<void> savepoint() override { return inner_.savepoint(); }
  base::Result<void> release_savepoint() override { return inner_.release_savepoint(); }
  base::Result<void> rollback_to_savepoint() override { return inner_.rollback_to_savepoint(); }
  base::Result<void> purge_history() override { return inner_.purge_history(); }
  base::Result<void> check_integrity() override { return inner_.check_integrity(); }
  std::set<std::string> texts;

 private:
  storage::Connection& inner_;
};

// A value of the database, with where it stands.
struct Cell {
  std::string table, column;
  std::string bytes;
};

class ErasureTest : public RequestsFixture {
 protected:
  // Something of everything that can be kept about a person.
  void fill() {
    give_consent("ai.mission_matching");
    give_consent("newsletter.noncommercial", "refused");
    evaluate();
    plant_decision();
    open_reidentification();
    ASSERT_TRUE(GetSubject(services()).execute(dpo_, subject_, "CANARY-DETAILS"));
    const auto doubted = move(dpo_, open("information", person_), "identity_requested", "", "CANARY-DOUBT");
    ASSERT_TRUE(doubted);
    access_ = fulfil(begin("access", person_)).request;
    RequestScope scope;
    scope.purposes = {"volunteer.management"};
    fulfil(begin("objection", person_, scope));
  }
  void open_reidentification() {
    NewReidentification asked;
    asked.pseudonym = *services().pseudonyms->pseudonym("ai.mission_matching", "matcher", subject_);
    asked.tool = "matcher";
    asked.purpose = "ai.mission_matching";
    asked.reason = "CANARY-DETAILS";
    const auto opened = Reidentifications(services()).open(coordinator_, asked);
    ASSERT_TRUE(opened) << opened.error().message();
    ASSERT_TRUE(Reidentifications(services()).approve(dpo_, opened->id));
  }
  std::vector<std::string> strings(storage::Connection& connection, const std::string& sql) {
    std::vector<std::string> out;
    storage::Statement& s = connection.prepare(sql);
    for (;;) {
      const auto row = s.step();
      EXPECT_TRUE(row);
      if (!row || !*row) return out;
      out.emplace_back(base::as_text(s.blob(0)));
    }
  }
  // Every value of every table, read on a connection of its own.
  std::vector<Cell> all_cells() {
    std::vector<Cell> cells;
    auto connection = services().database->connect();
    EXPECT_TRUE(connection);
    EXPECT_TRUE((*connection)->begin_read());
    for (const auto& table : strings(**connection, "SELECT CAST(name AS BLOB) FROM sqlite_master WHERE type = 'table'"))
      for (const auto& column :
           strings(**connection, "SELECT CAST(name AS BLOB) FROM pragma_table_info('" + table + "')"))
        for (auto& value : strings(**connection, "SELECT CAST(" + column + " AS BLOB) FROM " + table + " WHERE " +
                                                     column + " IS NOT NULL"))
          cells.push_back({table, column, std::move(value)});
    (*connection)->rollback();
    return cells;
  }
  // The ciphertexts and wraps that only this person's keys open.
  std::vector<std::string> sealed_of_person() {
    std::vector<std::string> out;
    const auto reads = services().reads->lease();
    const std::string id = base::to_hex(subject_.bytes());
    for (const char* sql :
         {"SELECT dek FROM subject WHERE hex(id) = upper('%')", "SELECT kaudit FROM subject WHERE hex(id) = upper('%')",
          "SELECT facts FROM subject WHERE hex(id) = upper('%')",
          "SELECT sealed FROM attribute WHERE hex(subject_id) = upper('%')",
          "SELECT value FROM blind_index WHERE hex(subject_id) = upper('%')",
          "SELECT sealed FROM consent_event WHERE hex(subject_id) = upper('%')",
          "SELECT sealed FROM request WHERE hex(subject_id) = upper('%')",
          "SELECT sealed FROM package WHERE hex(subject_id) = upper('%')",
          "SELECT sealed FROM reidentification WHERE hex(subject_id) = upper('%')",
          "SELECT sealed FROM decision WHERE hex(subject_id) = upper('%')",
          "SELECT sealed FROM entry_detail WHERE hex(subject) = upper('%') AND length(sealed) > 0"}) {
      std::string text = sql;
      text.replace(text.find('%'), 1, id);
      const auto found = strings(**reads, text);
      EXPECT_FALSE(found.empty()) << "the person should have something here: " << sql;
      out.insert(out.end(), found.begin(), found.end());
    }
    return out;
  }
  void expect_nothing_left(const std::vector<std::string>& sealed) {
    const std::string id(base::as_text(subject_.bytes()));
    for (const Cell& cell : all_cells()) {
      const std::string where = cell.table + "." + cell.column;
      for (const auto& canary : kCanaries)
        EXPECT_EQ(cell.bytes.find(canary), std::string::npos) << canary << " in " << where;
      for (const auto& ciphertext : sealed)
        EXPECT_EQ(cell.bytes.find(ciphertext), std::string::npos) << "ciphertext in " << where;
      if (where != "subject.id") {
        EXPECT_EQ(cell.bytes.find(id), std::string::npos) << "the person's id in " << where;
        EXPECT_EQ(cell.bytes.find(subject_.str()), std::string::npos) << "the person's id in " << where;
      }
    }
    for (const auto& file : std::filesystem::recursive_directory_iterator(dir_.path())) {
      if (!file.is_regular_file()) continue;
      const auto text = testing::read_file(file.path().string());
      for (const auto& canary : kCanaries)
        EXPECT_EQ(text.find(canary), std::string::npos) << canary << " in " << file.path();
    }
    EXPECT_EQ(std::filesystem::file_size(dir_.file("vault/vault.db-wal")), 0U) << "older pages are left";
  }
  void expect_log_verifies() {
    auto connection = services().database->connect();
    ASSERT_TRUE(connection && (*connection)->begin_read());
    storage::StoredLogSource source(**connection);
    const auto verified = audit::verify_log(source, *audit::VerifierKey::parse(services().verifier_key));
    EXPECT_TRUE(verified) << verified.error().message();
    (*connection)->rollback();
  }
  void expect_receipt_verifies(const ErasureReceipt& receipt) {
    EXPECT_EQ(receipt.verifier_key, services().verifier_key);
    const auto key = *audit::VerifierKey::parse(receipt.verifier_key);
    EXPECT_TRUE(audit::verify_proof_file(receipt.proof, base::as_bytes(receipt.entry), key));
    std::string other = receipt.entry;
    other[other.size() / 2] = other[other.size() / 2] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(audit::verify_proof_file(receipt.proof, base::as_bytes(other), key));
  }
  void expect_gone() {
    EXPECT_EQ(evaluate().decision.reason, policies::Reason::Erased);
    EXPECT_EQ(GetSubject(services()).execute(dpo_, subject_, "check").error().code(), base::ErrorCode::Gone);
    EXPECT_EQ(GetPackage(services()).execute(dpo_, access_.id).error().code(), base::ErrorCode::Gone);
    EXPECT_EQ(EraseSubject(services()).execute(dpo_, subject_).error().code(), base::ErrorCode::Gone);
    EXPECT_EQ(PreviewErasure(services()).execute(dpo_, subject_).error().code(), base::ErrorCode::Gone);
    NewRequest request;
    request.type = "access";
    request.subject = subject_;
    EXPECT_EQ(OpenRequest(services()).execute(dpo_, request).error().code(), base::ErrorCode::Gone);
    EXPECT_FALSE(*LookupSubject(services()).by_email(dpo_, "canary-mail@example.org"));
  }

  RequestView access_;
};

TEST_F(ErasureTest, LeavesNothingOfThePersonAndProvesIt) {
  fill();
  const auto sealed = sealed_of_person();
  const auto request = begin("erasure", person_);
  const auto before = log_size();
  const auto done = fulfil(request);

  EXPECT_EQ(events_from(before), (std::vector<std::string>{"subject.erased", "request.changed"}));
  EXPECT_TRUE(done.history_purged);
  EXPECT_EQ(done.request.state, RequestState::Fulfilled);
  EXPECT_FALSE(done.request.subject);
  EXPECT_EQ(done.request.details, "");
  ASSERT_TRUE(done.receipt);
  EXPECT_EQ(done.receipt->log_index, before);
  EXPECT_EQ(done.request.receipt_index, before);
  EXPECT_NE(done.receipt->entry.find("\"fp\":\"f_"), std::string::npos);
  EXPECT_EQ(done.receipt->erased_at, clock_->now());
  expect_receipt_verifies(*done.receipt);
  expect_nothing_left(sealed);
  expect_log_verifies();
  expect_gone();

  reopen();
  ASSERT_TRUE(EraseSubject(services()).purge_history());
  expect_gone();
  ASSERT_TRUE(EraseSubject(services()).purge_history());
  expect_nothing_left(sealed);
  expect_log_verifies();
  const auto again = make_erasure_receipt(services(), before);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->entry, done.receipt->entry);
  EXPECT_NE(again->proof, done.receipt->proof);  // against a newer checkpoint
  expect_receipt_verifies(*again);
}

TEST_F(ErasureTest, OtherPeopleKeepWhatIsTheirs) {
  const auto other = register_person("Other", "other@example.org");
  fill();
  fulfil(begin("erasure", person_));
  const auto record = GetSubject(services()).execute(dpo_, other, "check");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->attributes.size(), 4U);
  const auto theirs = OpenRequest(services())
                          .execute(self(other), {.type = "access",
                                                 .subject = {},
                                                 .channel = "",
                                                 .language = "",
                                                 .received_at = {},
                                                 .scope = {},
                                                 .details = ""});
  ASSERT_TRUE(theirs);
  const auto begun = move(dpo_, *theirs, "in_progress");
  ASSERT_TRUE(begun);
  EXPECT_TRUE(move(dpo_, begun->request, "fulfilled"));
}

TEST_F(ErasureTest, ADecisionStaysWithoutThePerson) {
  const auto decision = plant_decision();
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  const auto reads = services().reads->lease();
  const auto row = storage::DecisionRepository(**reads).find(decision.id);
  ASSERT_TRUE(row && *row);
  EXPECT_FALSE((*row)->subject);
  EXPECT_TRUE((*row)->sealed.empty());
  EXPECT_EQ((*row)->clear, decision.clear);
}

TEST_F(ErasureTest, TheReceiptIsAPackageThatNamesNobody) {
  const auto request = begin("erasure", person_);
  EXPECT_EQ(GetPackage(services()).execute(dpo_, request.id).error().code(), base::ErrorCode::NotFound);
  const auto done = fulfil(request);
  const auto before = log_size();
  const auto document = GetPackage(services()).execute(dpo_, request.id);
  ASSERT_TRUE(document);
  EXPECT_EQ(events_from(before), (std::vector<std::string>{"package.read"}));
  const auto json = nlohmann::json::parse(document->body);
  EXPECT_EQ(json.at("format"), "egide.erasure-receipt/1");
  EXPECT_EQ(json.at("log_index"), done.receipt->log_index);
  EXPECT_EQ(json.at("entry"), done.receipt->entry);
  const auto key = *audit::VerifierKey::parse(json.at("verifier_key").get<std::string>());
  EXPECT_TRUE(audit::verify_proof_file(json.at("proof").get<std::string>(),
                                       base::as_bytes(json.at("entry").get_ref<const std::string&>()), key));
  EXPECT_EQ(document->body.find(subject_.str()), std::string::npos);
}

TEST_F(ErasureTest, AReceiptIsForErasuresOnly) {
  EXPECT_EQ(make_erasure_receipt(services(), 0).error().code(), base::ErrorCode::NotFound);
  EXPECT_EQ(make_erasure_receipt(services(), log_size()).error().code(), base::ErrorCode::NotFound);
}

TEST_F(ErasureTest, OnlyTheOfficerErasesWithoutARequest) {
  for (const Caller& caller : {coordinator_, auditor_, tool_, person_, Accounts::operator_of_the_machine(services())})
    EXPECT_EQ(EraseSubject(services()).execute(caller, subject_).error().code(), base::ErrorCode::Forbidden);
  const auto done = EraseSubject(services()).execute(dpo_, subject_);
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->history_purged);
  expect_receipt_verifies(done->receipt);
}

TEST_F(ErasureTest, StaffWhoDecideAloneNeedASecondPersonWhereThereIsOne) {
  auto alone = begin("erasure", dpo_);
  const Caller second = account("second", Role::Dpo);
  const auto before = log_size();
  const auto refused = move(dpo_, alone, "fulfilled");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::Forbidden);
  EXPECT_EQ(log_size(), before);
  EXPECT_TRUE(move(second, alone, "fulfilled"));
}

TEST_F(ErasureTest, OneOfficerIsEnoughWhereThePersonAsked) {
  account("second", Role::Dpo);
  fulfil(begin("erasure", person_));
}

TEST_F(ErasureTest, ACoordinatorWhoOpenedItIsASecondPerson) {
  account("second", Role::Dpo);
  fulfil(begin("erasure", coordinator_));
}

TEST_F(ErasureTest, AnAssociationWithOneOfficerCanErase) { fulfil(begin("erasure", dpo_)); }

TEST_F(ErasureTest, APreviewSaysWhatGoesAndChangesNothing) {
  fill();
  const auto before = all_cells().size();
  const auto size = log_size();
  const auto preview = PreviewErasure(services()).execute(person_, subject_);
  ASSERT_TRUE(preview) << preview.error().message();
  EXPECT_EQ(events_from(size), (std::vector<std::string>{"record.read"}));
  EXPECT_EQ(preview->categories.size(), 4U);
  EXPECT_EQ(preview->decisions, 1);
  const auto rows = [&preview](const std::string& table) {
    for (const auto& item : preview->erased)
      if (item.table == table) return item.rows;
    return std::int64_t{0};
  };
  EXPECT_EQ(rows("attribute"), 4);
  EXPECT_EQ(rows("blind_index"), 1);
  EXPECT_EQ(rows("consent_event"), 2);
  EXPECT_EQ(rows("objection"), 1);
  EXPECT_EQ(rows("package"), 1);
  EXPECT_EQ(rows("request"), 3);
  EXPECT_EQ(preview->log_details, preview->log_entries_kept - 1);  // the decision keeps its detail itself
  // entry: 2 cells; entry_detail: 5; checkpoint: 2; nodes.
  EXPECT_GT(all_cells().size(), before);
  EXPECT_FALSE(services().subjects.find(subject_)->erased);
  for (const Caller& caller : {coordinator_, auditor_, tool_})
    EXPECT_EQ(PreviewErasure(services()).execute(caller, subject_).error().code(), base::ErrorCode::Forbidden);

  // What it said is what happens.
  std::int64_t details_before = 0;
  for (const Cell& cell : all_cells()) details_before += cell.table == "entry_detail" && cell.column == "i" ? 1 : 0;
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  std::int64_t details_after = 0;
  for (const Cell& cell : all_cells()) details_after += cell.table == "entry_detail" && cell.column == "i" ? 1 : 0;
  EXPECT_EQ(details_before - details_after, preview->log_entries_kept);
}

TEST_F(ErasureTest, OpenRequestsOfAnErasedPersonAreClosedWithoutAnEffect) {
  const auto pending = begin("restriction", person_);
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  const auto left = GetRequest(services()).execute(dpo_, pending.id);
  ASSERT_TRUE(left);
  EXPECT_FALSE(left->subject);
  EXPECT_EQ(move(dpo_, *left, "fulfilled").error().code(), base::ErrorCode::Gone);
  EXPECT_TRUE(move(dpo_, *left, "refused", "identity_not_established"));
}

TEST_F(ErasureTest, AReaderThatHoldsAnOlderStateIsReportedAndDoesNotStopTheErasure) {
  auto reader = services().database->connect();
  ASSERT_TRUE(reader && (*reader)->begin_read());
  const auto done = EraseSubject(services()).execute(dpo_, subject_);
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->history_purged);
  (*reader)->rollback();
  EXPECT_TRUE(EraseSubject(services()).purge_history());
  EXPECT_EQ(std::filesystem::file_size(dir_.file("vault/vault.db-wal")), 0U);
}

// An erasure costs what the person has, not what the vault holds.
TEST_F(ErasureTest, NoStatementScansATable) {
  auto connection = services().database->connect();
  ASSERT_TRUE(connection && (*connection)->begin_write());
  RecordingConnection recording(**connection);
  ASSERT_TRUE(storage::SubjectRepository(recording).erase(subject_));
  ASSERT_TRUE(storage::DecisionRepository(recording).forget_subject(1));
  storage::LogStore log(recording);
  ASSERT_TRUE(log.detail(1));
  ASSERT_TRUE(log.delete_detail(1));
  (*connection)->rollback();

  ASSERT_GE(recording.texts.size(), 11U);
  for (const auto& text : recording.texts) {
    storage::Statement& plan = (*connection)->prepare("EXPLAIN QUERY PLAN " + text);
    for (;;) {
      const auto row = plan.step();
      ASSERT_TRUE(row);
      if (!*row) break;
      EXPECT_EQ(plan.text(3).find("SCAN"), std::string_view::npos) << text << ": " << plan.text(3);
    }
  }
}

}  // namespace
}  // namespace egide::vault
