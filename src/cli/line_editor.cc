#include "cli/line_editor.h"

#include <algorithm>
#include <utility>

#include "cli/text_width.h"
#include "cli/utf8.h"

namespace pinion::cli {

namespace {

constexpr char kEscape = '\x1b';
constexpr char kDelete = '\x7f';
constexpr size_t kMaxHistory = 1000;

// What Ctrl and a letter sends.
constexpr char Ctrl(char letter) { return static_cast<char>(letter & 0x1f); }

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool IsWordCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

size_t Utf8Length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

}  // namespace

void LineEditor::Start() {
  line_.clear();
  cursor_ = 0;
  history_at_ = history_.size();
  draft_.clear();
}

LineEditor::Outcome LineEditor::Feed(std::string_view bytes) {
  typed_ += bytes;
  while (true) {
    const size_t length = KeyLength();
    if (length == 0) return Outcome::kEditing;
    const std::string key = typed_.substr(0, length);
    typed_.erase(0, length);
    const Outcome outcome = TakeKey(key);
    if (outcome != Outcome::kEditing) return outcome;
  }
}

size_t LineEditor::KeyLength() const {
  if (typed_.empty()) return 0;
  if (typed_[0] != kEscape) {
    const size_t length = Utf8Length(typed_[0]);
    return typed_.size() < length ? 0 : length;
  }
  if (typed_.size() < 2) return 0;
  if (typed_[1] == 'O') return typed_.size() < 3 ? 0 : 3;
  if (typed_[1] != '[') return 2;
  // Parameters, then a letter or '~'.
  for (size_t i = 2; i < typed_.size(); ++i) {
    if (typed_[i] >= '@' && typed_[i] <= '~') return i + 1;
  }
  return 0;
}

LineEditor::Outcome LineEditor::TakeKey(std::string_view key) {
  const char first = key[0];
  if (first == '\r' || first == '\n') return Outcome::kDone;
  if (first == Ctrl('C')) return Outcome::kInterrupt;
  if (first == Ctrl('L')) return Outcome::kClear;
  if (first == Ctrl('D') && line_.empty()) return Outcome::kEnd;
  if (first == kEscape) {
    TakeEscape(key.substr(1));
  } else if (static_cast<unsigned char>(first) < 0x20 || first == kDelete) {
    TakeControl(first);
  } else if (DecodeUtf8(key).valid) {
    line_.insert(cursor_, key);
    cursor_ += key.size();
  }
  return Outcome::kEditing;
}

void LineEditor::TakeControl(char key) {
  switch (key) {
    case Ctrl('A'):
      cursor_ = 0;
      break;
    case Ctrl('B'):
      cursor_ = Left();
      break;
    case Ctrl('D'):
      EraseTo(Right());
      break;
    case Ctrl('E'):
      cursor_ = line_.size();
      break;
    case Ctrl('F'):
      cursor_ = Right();
      break;
    case Ctrl('H'):
    case kDelete:
      EraseTo(Left());
      break;
    case Ctrl('I'):
      line_.insert(cursor_++, " ");
      break;
    case Ctrl('K'):
      EraseTo(line_.size());
      break;
    case Ctrl('N'):
      GoInHistory(history_at_ + 1);
      break;
    case Ctrl('P'):
      // Before the first it wraps to a place that there is not, and stays.
      GoInHistory(history_at_ - 1);
      break;
    case Ctrl('U'):
      EraseTo(0);
      break;
    case Ctrl('W'):
      EraseTo(WordLeft());
      break;
    default:
      break;
  }
}

void LineEditor::TakeEscape(std::string_view sequence) {
  if (sequence == "[A" || sequence == "OA") {
    TakeControl(Ctrl('P'));
  } else if (sequence == "[B" || sequence == "OB") {
    TakeControl(Ctrl('N'));
  } else if (sequence == "[C" || sequence == "OC") {
    cursor_ = Right();
  } else if (sequence == "[D" || sequence == "OD") {
    cursor_ = Left();
  } else if (sequence == "[H" || sequence == "OH" || sequence == "[1~" ||
             sequence == "[7~") {
    cursor_ = 0;
  } else if (sequence == "[F" || sequence == "OF" || sequence == "[4~" ||
             sequence == "[8~") {
    cursor_ = line_.size();
  } else if (sequence == "[3~") {
    EraseTo(Right());
  } else if (sequence == "[1;5C" || sequence == "[1;3C" || sequence == "f") {
    cursor_ = WordRight();
  } else if (sequence == "[1;5D" || sequence == "[1;3D" || sequence == "b") {
    cursor_ = WordLeft();
  } else if (sequence == "d") {
    EraseTo(WordRight());
  } else if (sequence == std::string_view(&kDelete, 1)) {
    EraseTo(WordLeft());
  }
}

void LineEditor::EraseTo(size_t place) {
  const size_t begin = std::min(place, cursor_);
  line_.erase(begin, std::max(place, cursor_) - begin);
  cursor_ = begin;
}

void LineEditor::GoInHistory(size_t place) {
  if (place > history_.size() || place == history_at_) return;
  if (history_at_ == history_.size()) draft_ = line_;
  history_at_ = place;
  line_ = place == history_.size() ? draft_ : history_[place];
  cursor_ = line_.size();
}

size_t LineEditor::Left() const {
  size_t place = cursor_;
  if (place > 0) --place;
  while (place > 0 && IsContinuation(line_[place])) --place;
  return place;
}

size_t LineEditor::Right() const {
  size_t place = cursor_;
  if (place < line_.size()) ++place;
  while (place < line_.size() && IsContinuation(line_[place])) ++place;
  return place;
}

size_t LineEditor::WordLeft() const {
  size_t place = cursor_;
  while (place > 0 && !IsWordCharacter(line_[place - 1])) --place;
  while (place > 0 && IsWordCharacter(line_[place - 1])) --place;
  return place;
}

size_t LineEditor::WordRight() const {
  size_t place = cursor_;
  while (place < line_.size() && !IsWordCharacter(line_[place])) ++place;
  while (place < line_.size() && IsWordCharacter(line_[place])) ++place;
  return place;
}

void LineEditor::Remember(const std::string& line) {
  if (line.find_first_not_of(" \t") == std::string::npos) return;
  if (!history_.empty() && history_.back() == line) return;
  history_.push_back(line);
  if (history_.size() > kMaxHistory) history_.erase(history_.begin());
}

std::string ShowLine(std::string_view prompt, std::string_view line, size_t cursor,
                     int width) {
  // The last column stays free for the cursor.
  const int room = std::max(1, width - TextWidth(prompt) - 1);
  std::string_view before = line.substr(0, cursor);
  std::string_view after = line.substr(cursor);
  while (TextWidth(before) > room) before.remove_prefix(DecodeUtf8(before).bytes);
  int left = room - TextWidth(before);
  size_t shown = 0;
  while (shown < after.size()) {
    const size_t bytes = DecodeUtf8(after.substr(shown)).bytes;
    left -= TextWidth(after.substr(shown, bytes));
    if (left < 0) break;
    shown += bytes;
  }
  std::string text = "\r";
  text.append(prompt).append(before).append(after.substr(0, shown)).append("\x1b[K\r");
  const int column = TextWidth(prompt) + TextWidth(before);
  if (column > 0) text += "\x1b[" + std::to_string(column) + "C";
  return text;
}

}  // namespace pinion::cli
