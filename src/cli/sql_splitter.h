#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pinion::cli {

// One statement of a script, without its semicolon and without blanks at its ends.
struct SqlStatement {
  std::string text;
  // Where its first character is in the script, from 1; the column counts characters.
  int line = 1;
  int column = 1;
};

struct SqlScript {
  std::vector<SqlStatement> statements;
  // Whether the script ended after a semicolon (and blanks or comments), so that a
  // prompt need not ask for more.
  bool complete = false;
};

// Cuts a script at its semicolons, except for those in 'strings', E'strings', "names",
// $tag$ quotes $tag$ and comments (/* nested */ ones, too). What holds nothing but blanks
// and comments is no statement. A quote that is never closed reaches to the end: the
// server says what is wrong with it.
SqlScript SplitSql(std::string_view script);

}  // namespace pinion::cli
