#include "cli/query_error.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "cli/status_text.h"
#include "cli/text_width.h"
#include "cli/utf8.h"

namespace pinion::cli {

namespace {

constexpr std::string_view kLine = " at line ";
constexpr std::string_view kColumn = ", column ";

// Reads a positive number at the start of `text` and removes it.
std::optional<int> TakeNumber(std::string_view* text) {
  int number = 0;
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || number <= 0) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

std::string_view LineOf(std::string_view sql, int number) {
  for (int line = 1; line < number; ++line) {
    const size_t end = sql.find('\n');
    if (end == std::string_view::npos) return {};
    sql.remove_prefix(end + 1);
  }
  return sql.substr(0, sql.find('\n'));
}

// The characters of a line, printable, a tab as a blank.
std::vector<std::string> Characters(std::string_view line) {
  std::vector<std::string> characters;
  while (!line.empty()) {
    const size_t bytes = DecodeUtf8(line).bytes;
    const std::string_view character = line.substr(0, bytes);
    characters.push_back(character == "\t" ? " " : PrintableText(character));
    line.remove_prefix(bytes);
  }
  return characters;
}

std::string Joined(const std::vector<std::string>& parts, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += parts[i];
  return text;
}

}  // namespace

std::optional<SqlPlace> PlaceOf(std::string_view message) {
  const size_t at = message.rfind(kLine);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = message.substr(at + kLine.size());
  const auto line = TakeNumber(&rest);
  if (!line || !rest.starts_with(kColumn)) return std::nullopt;
  rest.remove_prefix(kColumn.size());
  const auto column = TakeNumber(&rest);
  if (!column || !rest.empty()) return std::nullopt;
  return SqlPlace{*line, *column};
}

std::string MarkPlace(std::string_view sql, SqlPlace place, int width) {
  const std::vector<std::string> characters = Characters(LineOf(sql, place.line));
  const auto target = static_cast<size_t>(place.column) - 1;
  // The place right behind the end is one, too.
  if (place.column <= 0 || target > characters.size() || characters.empty()) return "";
  // From a long line the part around the place: a third of the width before it.
  size_t begin = 0;
  const int before = std::max(1, width / 3);
  while (TextWidth(Joined(characters, begin, target)) > width - before) ++begin;
  if (begin > 0) {
    while (TextWidth(Joined(characters, begin, target)) > before) ++begin;
  }
  const std::string start = (begin > 0 ? "…" : "") + Joined(characters, begin, target);
  const std::string line = start + Joined(characters, target, characters.size());
  return CutToWidth(line, width) + "\n" +
         std::string(static_cast<size_t>(TextWidth(start)), ' ') + "^\n";
}

arrow::Status DescribeQueryError(const arrow::Status& status,
                                 const SqlStatement& statement, size_t number,
                                 Context& context) {
  if (status.IsCancelled()) return status;
  std::string message = StatusText(status);
  if (auto place = PlaceOf(message)) {
    const Terminal& terminal = context.err_terminal;
    if (terminal.is_tty) {
      WriteError(context.err, MarkPlace(statement.text, *place, terminal.width - 1));
    }
    message.resize(message.rfind(kLine));
    if (place->line == 1) place->column += statement.column - 1;
    place->line += statement.line - 1;
    message += std::string(kLine) + std::to_string(place->line) + std::string(kColumn) +
               std::to_string(place->column);
  }
  if (number == 0) return status.WithMessage(message);
  return status.WithMessage("statement ", number, ": ", message);
}

}  // namespace pinion::cli
