#include "egide/vault/subjects.h"

#include <gtest/gtest.h>

#include "requests_fixture.h"

namespace egide::vault {
namespace {

class SubjectsTest : public RequestsFixture {
 protected:
  base::Result<base::SubjectId> add(const Attributes& attributes) {
    return RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
  }
  SubjectRecord get(const base::SubjectId& id) {
    const auto record = GetSubject(services()).execute(dpo_, id, "a question of the person");
    EXPECT_TRUE(record) << record.error().message();
    return *record;
  }
  base::Result<std::int64_t> update(const base::SubjectId& id, std::int64_t version, const Attributes& changes) {
    return UpdateSubject(services()).execute(dpo_, id, version, changes, "api");
  }
  static nlohmann::json value_of(const SubjectRecord& record, const std::string& category) {
    for (const auto& attribute : record.attributes)
      if (attribute.category == category) return attribute.value;
    return nullptr;
  }
};

TEST_F(SubjectsTest, WhatWasRegisteredIsReadBack) {
  Attributes attributes;
  attributes["user.name"] = "Zoé \"Zou\" Martin";
  attributes["user.contact.email"] = "Zoe@Example.org";
  attributes["user.demographic.profile.skills"] = nlohmann::json::array({"cuisine", "français"});
  const auto id = add(attributes);
  ASSERT_TRUE(id);
  const auto record = get(*id);
  EXPECT_EQ(record.version, 1);
  EXPECT_EQ(record.locale, "fr");
  EXPECT_EQ(record.created_at, clock_->now());
  EXPECT_FALSE(record.restricted);
  ASSERT_EQ(record.attributes.size(), 3U);
  for (const auto& [category, value] : attributes) EXPECT_EQ(value_of(record, category), value) << category;
}

TEST_F(SubjectsTest, MistakesNameTheirPlaceAndQuoteNothing) {
  const std::pair<const char*, nlohmann::json> wrong[] = {
      {"user.contact.email", "CANARY at example.org"},
      {"user.contact.email", 7},
      {"not a category", "CANARY"},
      {"user.demographic.date_of_birth", "29/02/1980"},
      {"user.demographic.date_of_birth", "2026-12-01"},
      {"user.demographic.date_of_birth", "1875-01-01"},
      {"user.name", nlohmann::json::object()},
      {"user.name", std::string(17000, 'x')},
  };
  for (const auto& [category, value] : wrong) {
    Attributes attributes;
    attributes[category] = value;
    const auto refused = add(attributes);
    ASSERT_FALSE(refused) << category;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::InvalidRequest);
    EXPECT_EQ(refused.error().fields().at(0).pointer, std::string("/attributes/") + category);
    EXPECT_EQ(refused.error().fields().at(0).detail.find("CANARY"), std::string::npos);
  }
}

TEST_F(SubjectsTest, TwoPeopleShareNeitherEmailNorNumber) {
  Attributes attributes;
  attributes["user.contact.email"] = "one@example.org";
  attributes["user.unique_id"] = "BEN-1";
  ASSERT_TRUE(add(attributes));
  Attributes email, number;
  email["user.contact.email"] = "ONE@example.org";
  number["user.unique_id"] = nlohmann::json::array({"BEN-2", "BEN-1"});
  const auto size = log_size();
  EXPECT_EQ(add(email).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(add(number).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(log_size(), size);
  // Nothing of the refused ones is left.
  number["user.unique_id"] = "BEN-2";
  EXPECT_TRUE(add(number));
}

TEST_F(SubjectsTest, ACorrectionNeedsTheVersionItCorrects) {
  Attributes changes;
  changes["user.name"] = "Zoé Durand";
  const auto second = update(subject_, 1, changes);
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, 2);
  EXPECT_EQ(value_of(get(subject_), "user.name"), "Zoé Durand");
  EXPECT_EQ(value_of(get(subject_), "user.demographic.date_of_birth"), "1980-02-29");
  const auto stale = update(subject_, 1, changes);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code(), base::ErrorCode::Precondition);
  changes["user.name"] = nullptr;
  ASSERT_TRUE(update(subject_, 2, changes));
  EXPECT_EQ(value_of(get(subject_), "user.name"), nullptr);
  reopen();
  EXPECT_EQ(get(subject_).version, 3);
}

TEST_F(SubjectsTest, ACorrectedBirthDateCountsAtTheNextEvaluation) {
  give_consent("ai.mission_matching");
  ASSERT_TRUE(evaluate().decision.permit);
  Attributes changes;
  changes["user.demographic.date_of_birth"] = "2014-05-01";
  ASSERT_TRUE(update(subject_, 1, changes));
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::GuardianConsentMissing);
  reopen();
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::GuardianConsentMissing);
}

TEST_F(SubjectsTest, LookUpFindsTheLivingByWhatTheyAreKnownBy) {
  Attributes attributes;
  attributes["user.contact.email"] = "look@example.org";
  attributes["user.unique_id"] = nlohmann::json::array({"BEN-7", "BEN-8"});
  const auto id = add(attributes);
  ASSERT_TRUE(id);
  LookupSubject look(services());
  EXPECT_EQ(*look.by_email(dpo_, "LOOK@example.org"), *id);
  EXPECT_EQ(*look.by_reference(dpo_, "BEN-7"), *id);
  EXPECT_EQ(*look.by_reference(dpo_, "BEN-8"), *id);
  EXPECT_FALSE(*look.by_email(dpo_, "nobody@example.org"));
  EXPECT_FALSE(*look.by_reference(dpo_, "BEN-9"));
  // The old address no longer finds, the new one does.
  Attributes changes;
  changes["user.contact.email"] = "new@example.org";
  ASSERT_TRUE(update(*id, 1, changes));
  EXPECT_FALSE(*look.by_email(dpo_, "look@example.org"));
  EXPECT_EQ(*look.by_email(dpo_, "new@example.org"), *id);
}

TEST_F(SubjectsTest, LooksAndReadsStandInTheLogBeforeTheyAreAnswered) {
  const auto size = log_size();
  get(subject_);
  ASSERT_TRUE(LookupSubject(services()).by_email(dpo_, "nobody@example.org"));
  EXPECT_EQ(events_from(size), (std::vector<std::string>{"subject.read", "subject.lookup"}));
}

TEST_F(SubjectsTest, NobodyIsNotFound) {
  EXPECT_EQ(GetSubject(services()).execute(dpo_, base::SubjectId(), "x").error().code(), base::ErrorCode::NotFound);
  EXPECT_EQ(update(base::SubjectId(), 1, {}).error().code(), base::ErrorCode::NotFound);
}

TEST_F(SubjectsTest, TheStatedReasonIsSealedInTheEntry) {
  const auto index = log_size();
  get(subject_);
  const auto reads = services().reads->lease();
  const auto detail = storage::LogStore(**reads).detail(index);
  ASSERT_TRUE(detail && *detail);
  const auto text = open_detail(services(), *services().subjects.find(subject_), (*detail)->record, (*detail)->sealed);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("a question of the person"), std::string::npos);
  EXPECT_EQ(base::as_text((*detail)->sealed).find("a question"), std::string_view::npos);
}

class ReadForPurposeTest : public SubjectsTest {
 protected:
  // As JSON; empty where it is not among the fields.
  static std::string field_of(const ReadAnswer& answer, const std::string& category) {
    for (const auto& field : answer.data.fields)
      if (field.category == category) return field.value.dump();
    return {};
  }
};

TEST_F(ReadForPurposeTest, OnlyPermittedFieldsTransformedUnderAPseudonym) {
  Attributes more;
  more["user.contact.address.postal_code"] = "69003";
  more["user.financial"] = "CANARY-IBAN";
  ASSERT_TRUE(update(subject_, 1, more));
  give_consent("ai.mission_matching");
  const auto read = ReadForPurpose(services()).execute(tool_, subject_.str(), "ai.mission_matching", {});
  ASSERT_TRUE(read);
  ASSERT_TRUE(read->access.decision.permit);
  EXPECT_EQ(read->pseudonym.substr(0, 2), "p_");
  ASSERT_FALSE(read->data.fields.empty());
  const policies::Purpose* purpose = services().pack->find("ai.mission_matching");
  for (const auto& field : read->data.fields) {
    EXPECT_EQ(field.value.dump().find("CANARY"), std::string::npos) << field.category;
    EXPECT_EQ(field.value.dump().find(subject_.str()), std::string::npos);
    EXPECT_TRUE(std::any_of(purpose->data_categories.begin(), purpose->data_categories.end(),
                            [&](const auto& category) { return policies::category_covers(category, field.category); }))
        << field.category;
  }
}

// What a transform reads without passing it on must be opened too: the names to take out of a text, the birth date that
// an age range is made from.
TEST_F(ReadForPurposeTest, TransformsKnowWhatTheyReadAside) {
  NewTool tool;
  tool.id = "assistant";
  tool.purposes = {"ai.welcome_chatbot", "ai.audience_segmentation"};
  const Caller caller = *Accounts(services()).authenticate(*Accounts(services()).add_tool(dpo_, tool));
  Attributes more;
  more["user.content.private.message"] = "Je suis CANARY-NAME, disponible lundi";
  ASSERT_TRUE(update(subject_, 1, more));
  give_consent("ai.welcome_chatbot");
  give_consent("ai.audience_segmentation");

  const auto chat = ReadForPurpose(services()).execute(caller, subject_.str(), "ai.welcome_chatbot", {});
  ASSERT_TRUE(chat && chat->access.decision.permit);
  const auto message = field_of(*chat, "user.content.private.message");
  EXPECT_NE(message.find("disponible lundi"), std::string::npos) << message;
  EXPECT_EQ(message.find("CANARY"), std::string::npos) << message;
  EXPECT_EQ(field_of(*chat, "user.name"), "");

  const auto segment = ReadForPurpose(services()).execute(caller, subject_.str(), "ai.audience_segmentation", {});
  ASSERT_TRUE(segment && segment->access.decision.permit);
  EXPECT_EQ(field_of(*segment, "user.demographic.age_range"), "\"45-59\"");
  for (const auto& field : segment->data.fields)
    EXPECT_EQ(field.value.dump().find("1980"), std::string::npos) << field.category;
}

TEST_F(ReadForPurposeTest, ADenialGivesNothing) {
  const auto read = ReadForPurpose(services()).execute(tool_, subject_.str(), "ai.mission_matching", {});
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->access.decision.permit);
  EXPECT_TRUE(read->data.fields.empty());
  EXPECT_TRUE(read->pseudonym.empty());
}

TEST_F(ReadForPurposeTest, OnlyAToolReads) {
  for (const Caller* caller : {&dpo_, &coordinator_, &person_})
    EXPECT_EQ(ReadForPurpose(services()).execute(*caller, subject_.str(), "ai.mission_matching", {}).error().code(),
              base::ErrorCode::Forbidden);
}

TEST_F(ReadForPurposeTest, PseudonymsStayAndAreUnlinkable) {
  NewTool other;
  other.id = "other";
  other.purposes = {"ai.mission_matching", "ai.mission_recommendation"};
  const Caller caller = *Accounts(services()).authenticate(*Accounts(services()).add_tool(dpo_, other));
  const std::vector<std::string> one = {subject_.str(), base::SubjectId().str(), "nobody"};
  ListPseudonyms list(services());
  const auto first = list.execute(tool_, "ai.mission_matching", one);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at(1), "");
  EXPECT_EQ(first->at(2), "");
  const auto second = list.execute(caller, "ai.mission_matching", one);
  const auto third = list.execute(caller, "ai.mission_recommendation", one);
  ASSERT_TRUE(second && third);
  EXPECT_NE(first->at(0), second->at(0));
  EXPECT_NE(second->at(0), third->at(0));
  EXPECT_EQ(list.execute(tool_, "ai.mission_recommendation", one).error().code(), base::ErrorCode::Forbidden);
  reopen();
  const auto later = ListPseudonyms(services()).execute(tool_, "ai.mission_matching", one);
  ASSERT_TRUE(later);
  EXPECT_EQ(first->at(0), later->at(0));
}

}  // namespace
}  // namespace egide::vault
