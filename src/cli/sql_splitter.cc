#include "cli/sql_splitter.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace pinion::cli {

namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  SqlScript Run() {
    while (at_ < text_.size()) {
      if (Peek(0) == ';') {
        AddStatement(at_);
        ++at_;
        has_token_ = false;
        script_.complete = true;
      } else if (!SkipBlankOrComment()) {
        if (!has_token_) token_start_ = at_;
        has_token_ = true;
        script_.complete = false;
        SkipToken();
      }
    }
    AddStatement(text_.size());
    return std::move(script_);
  }

 private:
  // The character `ahead` of the place, or 0 behind the end.
  char Peek(size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  // Comments before a statement are left out, those inside of it kept.
  void AddStatement(size_t end) {
    if (!has_token_) return;
    std::string_view text = text_.substr(token_start_, end - token_start_);
    while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
    AddLocated(text);
  }

  void AddLocated(std::string_view text) {
    SqlStatement statement{.text = std::string(text)};
    for (const char c : text_.substr(0, token_start_)) {
      if (c == '\n') {
        ++statement.line;
        statement.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
        ++statement.column;
      }
    }
    script_.statements.push_back(std::move(statement));
  }

  bool SkipBlankOrComment() {
    if (IsBlank(Peek(0))) {
      ++at_;
      return true;
    }
    if (Peek(0) == '-' && Peek(1) == '-') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (Peek(0) == '/' && Peek(1) == '*') {
      SkipBlockComment();
      return true;
    }
    return false;
  }

  void SkipBlockComment() {
    int depth = 0;
    while (at_ < text_.size()) {
      if (Peek(0) == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (Peek(0) == '*' && Peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
    // Never closed: more is to come.
    script_.complete = false;
  }

  void SkipToken() {
    const char c = Peek(0);
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      ++at_;
      SkipQuoted('\'', /*backslash=*/true);
    } else if (c == '\'' || c == '"') {
      SkipQuoted(c, /*backslash=*/false);
    } else if (c == '$' && SkipDollarQuoted()) {
      return;
    } else if (IsNamePart(c)) {
      // As a whole, since a $ in a name starts no quote, nor does its last e.
      while (IsNamePart(Peek(0)) || Peek(0) == '$') ++at_;
    } else {
      ++at_;
    }
  }

  // A quote in the text is doubled, or has a backslash before it where that counts.
  void SkipQuoted(char quote, bool backslash) {
    ++at_;
    while (at_ < text_.size()) {
      const bool escape = backslash && Peek(0) == '\\';
      const bool doubled = Peek(0) == quote && Peek(1) == quote;
      if (Peek(0) == quote && !doubled) {
        ++at_;
        return;
      }
      at_ += escape || doubled ? 2 : 1;
    }
    at_ = text_.size();
  }

  bool SkipDollarQuoted() {
    size_t end = at_ + 1;
    if (end < text_.size() && IsNameStart(text_[end])) {
      while (end < text_.size() && IsNamePart(text_[end])) ++end;
    }
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  // The first token of the statement at hand.
  size_t token_start_ = 0;
  bool has_token_ = false;
  SqlScript script_;
};

}  // namespace

SqlScript SplitSql(std::string_view script) { return Scanner(script).Run(); }

}  // namespace pinion::cli
