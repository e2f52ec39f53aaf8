#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::cli {

// A line of text being typed: what each key does to it, and a history to go back to.
// State without a terminal: LineReader reads the keys and shows the line. One thread.
//
// The keys are those of a shell: arrows, Home, End, Delete, Ctrl with A B E F K U W P N,
// and Alt or Ctrl for whole words. Text is UTF-8 and the cursor stands between
// characters.
class LineEditor {
 public:
  enum class Outcome {
    kEditing,
    kDone,       // Enter: the line is complete.
    kEnd,        // Ctrl-D on an empty line.
    kInterrupt,  // Ctrl-C.
    kClear,      // Ctrl-L: the screen is to be cleared, the line stays.
  };

  // An empty line; the history stays, and so does what was typed ahead.
  void Start();

  // Takes what the terminal sent, in pieces cut anywhere, up to the first outcome that is
  // not kEditing; what follows is typed ahead and taken by the next call.
  Outcome Feed(std::string_view bytes);

  const std::string& line() const { return line_; }
  // In bytes.
  size_t cursor() const { return cursor_; }

  // Adds a line unless it is blank or the last one again. Of many the oldest are
  // forgotten.
  void Remember(const std::string& line);

 private:
  // The length of the key at the start of typed_, or 0 if the rest of it is still to
  // come.
  size_t KeyLength() const;
  Outcome TakeKey(std::string_view key);
  void TakeControl(char key);
  void TakeEscape(std::string_view sequence);
  // Erases from there to the cursor, whichever comes first.
  void EraseTo(size_t place);
  void GoInHistory(size_t place);

  size_t Left() const;
  size_t Right() const;
  size_t WordLeft() const;
  size_t WordRight() const;

  std::string line_;
  size_t cursor_ = 0;
  std::string typed_;
  std::vector<std::string> history_;
  // The place in history_ the line was taken from; behind its end for a new line, which
  // is kept in draft_ meanwhile.
  size_t history_at_ = 0;
  std::string draft_;
};

// What shows `line` behind `prompt` in one line of a terminal of `width` columns, and
// puts its cursor where it belongs. Of a line that does not fit, the part around the
// cursor.
std::string ShowLine(std::string_view prompt, std::string_view line, size_t cursor,
                     int width);

}  // namespace pinion::cli
