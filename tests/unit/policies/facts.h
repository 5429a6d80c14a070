// The facts of one decision, owning what DecisionRequest and ToolFacts only look at.
#pragma once

#include <string>
#include <vector>

#include "egide/policies/decide.h"

namespace egide::policies::testing {

struct Facts {
  DecisionRequest request;
  std::vector<std::string> asked;
  ToolFacts tool;
  std::vector<ToolGrant> grants;
  std::string recipient_class;
  SubjectFacts subject;
  base::Timestamp now{};

  // Points the views at the vectors beside them.
  const Facts& linked() {
    request.categories = asked;
    tool.grants = grants;
    tool.recipient_class = recipient_class;
    return *this;
  }
  Decision decide_on(const Pack& pack) {
    linked();
    return decide(request, tool, subject, pack, now);
  }
};

// A tool of the house that was granted `purpose` whole, and an adult who agreed to notice 1 until 2027.
inline Facts permitting(const Pack& pack, std::string_view purpose) {
  Facts out;
  out.request.purpose = pack.index_of(purpose);
  ToolGrant grant;
  grant.purpose = out.request.purpose.value_or(0);
  out.grants.push_back(grant);
  out.tool.known = true;
  out.tool.active = true;
  out.subject.exists = true;
  out.subject.art9_condition_recorded = true;
  out.subject.birth_date = base::parse_date("1980-02-29");
  out.subject.consent.state = ConsentState::Given;
  out.subject.consent.valid_until = base::parse_rfc3339("2027-11-24T10:15:00Z");
  out.subject.consent.notice_version = 1;
  out.now = *base::parse_rfc3339("2026-11-24T10:15:00Z");
  return out;
}

}  // namespace egide::policies::testing
