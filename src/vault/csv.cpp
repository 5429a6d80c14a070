#include "egide/vault/csv.h"

#include "egide/base/json.h"

namespace egide::vault {
namespace {

class CsvReader {
 public:
  CsvReader(std::string_view text, char separator, const CsvLimits& limits)
      : text_(text), separator_(separator), limits_(limits) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  bool done() const { return at_ >= text_.size(); }
  int line() const { return line_; }

  // One record. False when a quoted field never ends.
  bool read(CsvRecord& record) {
    record.line = line_;
    for (;;) {
      std::string field;
      const bool ended = peek() == '"' ? read_quoted(field, record.mistake) : read_plain(field, record.mistake);
      if (!ended) return false;
      check(field, record);
      record.fields.push_back(std::move(field));
      if (done() || end_of_line()) return true;
      ++at_;  // the separator
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool end_of_line() {
    if (peek() == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    if (peek() != '\n') return false;
    ++at_;
    ++line_;
    return true;
  }

  bool read_plain(std::string& field, std::string& mistake) {
    while (!done() && peek() != separator_ && peek() != '\n' && !text_.substr(at_).starts_with("\r\n")) {
      if (peek() == '"') note(mistake, "a quote stands inside an unquoted field");
      field += text_[at_++];
    }
    return true;
  }

  bool read_quoted(std::string& field, std::string& mistake) {
    ++at_;
    for (;;) {
      if (done()) return false;
      const char c = text_[at_++];
      if (c == '"') {
        if (peek() != '"') break;
        ++at_;
      }
      if (c == '\n') ++line_;
      if (c == '\r' && peek() == '\n') continue;  // CRLF inside a field is one line break
      field += c;
    }
    while (!done() && peek() != separator_ && peek() != '\n' && peek() != '\r') {
      note(mistake, "characters follow a closing quote");
      ++at_;
    }
    if (peek() == '\r' && !text_.substr(at_).starts_with("\r\n")) ++at_;
    return true;
  }

  void check(const std::string& field, CsvRecord& record) const {
    if (field.size() > limits_.max_field) note(record.mistake, "a field is longer than allowed");
    if (record.fields.size() >= limits_.max_fields) note(record.mistake, "there are more fields than allowed");
    if (!base::is_valid_utf8(field)) note(record.mistake, "the text is not UTF-8 (another encoding was mixed in)");
    if (field.find('\0') != std::string::npos) note(record.mistake, "the text holds a NUL character");
  }
  static void note(std::string& mistake, const char* what) {
    if (mistake.empty()) mistake = what;
  }

  std::string_view text_;
  char separator_;
  const CsvLimits& limits_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

base::Result<std::vector<CsvRecord>> read_csv(std::string_view text, char separator, const CsvLimits& limits) {
  std::vector<CsvRecord> records;
  CsvReader reader(text, separator, limits);
  while (!reader.done()) {
    CsvRecord record;
    const int first_line = reader.line();
    if (!reader.read(record))
      return base::invalid_request("The quoted field that begins in the record of line " + std::to_string(first_line) +
                                   " never ends");
    const bool blank = record.fields.size() == 1 && record.fields.front().empty();
    if (!blank) records.push_back(std::move(record));
  }
  return records;
}

}  // namespace egide::vault
