// ReadForPurpose: only the purpose's permitted fields, transformed as the policy says, under the pseudonym of this tool
// and purpose. ListPseudonyms: subjects to pseudonyms, in bulk.
//
// Thread safety: may be called from many threads.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"

namespace egide::vault {

struct ReadAnswer;  // in read_answer.h: holds JSON values

class ReadForPurpose {
 public:
  explicit ReadForPurpose(Services& services) : services_(services) {}
  // `fields` empty: all that is permitted. A denial is an answer without fields, not an error.
  base::Result<ReadAnswer> execute(const Caller& caller, const std::string& person, const std::string& purpose,
                                   const std::vector<std::string>& fields);

 private:
  Services& services_;
};

class ListPseudonyms {
 public:
  explicit ListPseudonyms(Services& services) : services_(services) {}
  // `people`: subject ids, or pseudonyms of this tool and purpose. In the order asked; empty for a person who is
  // unknown. One log entry with the count.
  base::Result<std::vector<std::string>> execute(const Caller& caller, const std::string& purpose,
                                                 const std::vector<std::string>& people);

 private:
  Services& services_;
};

}  // namespace egide::vault
