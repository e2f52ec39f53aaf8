#include "engine/duckdb/error_translation.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <duckdb/common/exception.hpp>

namespace pinion::engine::duck {
namespace {

using duckdb::ExceptionType;

// Keys under which Throw hides the detail of a status in an exception.
constexpr char kClassKey[] = "pinion_class";
constexpr char kStateKey[] = "pinion_sqlstate";

// Messages travel in headers of limited size.
constexpr size_t kMaxMessageBytes = 900;

struct Kind {
  ErrorClass error_class;
  std::string_view sqlstate = {};
};

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view Extra(const duckdb::ErrorData& error, const char* key) {
  const auto& info = error.ExtraInfo();
  const auto it = info.find(key);
  return it == info.end() ? std::string_view() : std::string_view(it->second);
}

Kind ConstraintKind(std::string_view message) {
  if (Contains(message, "uplicate key")) return {ErrorClass::kConstraint, "23505"};
  if (Contains(message, "NOT NULL")) return {ErrorClass::kConstraint, "23502"};
  if (Contains(message, "oreign key")) return {ErrorClass::kConstraint, "23503"};
  if (Contains(message, "CHECK")) return {ErrorClass::kConstraint, "23514"};
  return {ErrorClass::kConstraint};
}

Kind CatalogKind(const duckdb::ErrorData& error) {
  const std::string_view subtype = Extra(error, "error_subtype");
  const std::string_view message = error.RawMessage();
  if (subtype == "ENTRY_ALREADY_EXISTS" || Contains(message, "already exists")) {
    const bool table = Extra(error, "type") == "Table" || Extra(error, "type") == "View";
    return {ErrorClass::kAlreadyExists, table ? "42S01" : "42710"};
  }
  if (Contains(message, "because schema")) return {ErrorClass::kMissingObject, "3F000"};
  const std::string_view type = Extra(error, "type");
  if (Contains(type, "Function")) return {ErrorClass::kMissingObject, "42883"};
  if (type == "Schema") return {ErrorClass::kMissingObject, "3F000"};
  if (type == "Type") return {ErrorClass::kMissingObject, "42704"};
  if (type == "configuration parameter") return {ErrorClass::kMissingObject, "42704"};
  if (subtype == "MISSING_ENTRY" || Contains(message, "does not exist")) {
    return {ErrorClass::kMissingObject};
  }
  if (Contains(message, "found")) return {ErrorClass::kMissingObject, "3D000"};
  return {ErrorClass::kBinding};
}

Kind BinderKind(const duckdb::ErrorData& error) {
  if (Extra(error, "error_subtype") == "COLUMN_NOT_FOUND" ||
      Contains(error.RawMessage(), "Referenced column") ||
      Contains(error.RawMessage(), "does not have a column")) {
    return {ErrorClass::kMissingObject, "42S22"};
  }
  if (Contains(error.RawMessage(), "Referenced table")) {
    return {ErrorClass::kMissingObject};
  }
  if (Contains(error.RawMessage(), "Catalog \"") &&
      Contains(error.RawMessage(), "does not exist")) {
    return {ErrorClass::kMissingObject, "3D000"};
  }
  return {ErrorClass::kBinding};
}

Kind TransactionKind(std::string_view message) {
  if (Contains(message, "onflict")) return {ErrorClass::kTransaction, "40001"};
  if (Contains(message, "aborted")) return {ErrorClass::kTransaction, "25P02"};
  if (Contains(message, "read-only")) return {ErrorClass::kPermission, "25006"};
  return {ErrorClass::kTransaction};
}

Kind InputKind(std::string_view message) {
  if (Contains(message, "Values were not provided") ||
      Contains(message, "xcess parameters") || Contains(message, "arameter count")) {
    return {ErrorClass::kParameter};
  }
  if (Contains(message, "read-only")) return {ErrorClass::kPermission, "25006"};
  if (Contains(message, "being aborted") || Contains(message, "is aborted")) {
    return {ErrorClass::kTransaction, "25P02"};
  }
  return {ErrorClass::kBinding};
}

Kind KindOf(const duckdb::ErrorData& error) {
  switch (error.Type()) {
    case ExceptionType::PARSER:
    case ExceptionType::SYNTAX:
      return {ErrorClass::kSyntax};
    case ExceptionType::CATALOG:
      return CatalogKind(error);
    case ExceptionType::BINDER:
      return BinderKind(error);
    case ExceptionType::CONSTRAINT:
    case ExceptionType::INDEX:
      return ConstraintKind(error.RawMessage());
    case ExceptionType::DEPENDENCY:
      return {ErrorClass::kConstraint, "2BP01"};
    case ExceptionType::OUT_OF_RANGE:
    case ExceptionType::DECIMAL:
      return {ErrorClass::kType, "22003"};
    case ExceptionType::CONVERSION:
      return {ErrorClass::kType,
              Contains(error.RawMessage(), "out of range") ? "22003" : "22018"};
    case ExceptionType::DIVIDE_BY_ZERO:
      return {ErrorClass::kType, "22012"};
    case ExceptionType::UNKNOWN_TYPE:
    case ExceptionType::MISMATCH_TYPE:
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::OBJECT_SIZE:
    case ExceptionType::SEQUENCE:
      return {ErrorClass::kType};
    case ExceptionType::PARAMETER_NOT_RESOLVED:
    case ExceptionType::PARAMETER_NOT_ALLOWED:
      return {ErrorClass::kParameter};
    case ExceptionType::TRANSACTION:
      return TransactionKind(error.RawMessage());
    case ExceptionType::NOT_IMPLEMENTED:
    case ExceptionType::MISSING_EXTENSION:
    case ExceptionType::AUTOLOAD:
      return {ErrorClass::kNotSupported};
    case ExceptionType::PERMISSION:
      return {ErrorClass::kPermission};
    case ExceptionType::INTERRUPT:
      return {ErrorClass::kCancelled};
    case ExceptionType::OUT_OF_MEMORY:
      return {ErrorClass::kOutOfMemory};
    case ExceptionType::IO:
    case ExceptionType::NETWORK:
    case ExceptionType::HTTP:
    case ExceptionType::DATA_CORRUPTION:
      return {ErrorClass::kIo};
    case ExceptionType::INVALID_INPUT:
    case ExceptionType::INVALID_CONFIGURATION:
    case ExceptionType::SETTINGS:
    case ExceptionType::EXPRESSION:
      return InputKind(error.RawMessage());
    default:
      return {ErrorClass::kInternal};
  }
}

// Where in `sql` line `number` (from 1) begins.
std::optional<size_t> LineStart(std::string_view sql, int number) {
  size_t start = 0;
  for (int line = 1; line < number; ++line) {
    const size_t end = sql.find('\n', start);
    if (end == std::string_view::npos) return std::nullopt;
    start = end + 1;
  }
  return start;
}

// Reads the position out of the excerpt that DuckDB appends to messages:
//   LINE 2: ...rest of the line
//              ^
std::optional<int64_t> ExcerptPosition(std::string_view excerpt, std::string_view sql) {
  const size_t colon = excerpt.find(": ");
  int number = 0;
  if (colon == std::string_view::npos ||
      std::from_chars(excerpt.data() + 5, excerpt.data() + colon, number).ec !=
          std::errc()) {
    return std::nullopt;
  }
  const auto start = LineStart(sql, number);
  const size_t end_of_line = excerpt.find('\n');
  if (!start || end_of_line == std::string_view::npos) return std::nullopt;
  const size_t caret = excerpt.find('^', end_of_line);
  const size_t text_at = colon + 2;
  if (caret == std::string_view::npos) return std::nullopt;
  const size_t caret_column = caret - (end_of_line + 1);
  std::string_view text = excerpt.substr(text_at, end_of_line - text_at);
  if (caret_column < text_at || caret_column - text_at > text.size()) return std::nullopt;
  size_t offset = caret_column - text_at;
  if (text.starts_with("...") && offset >= 3) {
    text.remove_prefix(3);
    offset -= 3;
  }
  if (text.ends_with("...")) text.remove_suffix(3);
  const size_t found = sql.find(text, *start);
  if (found == std::string_view::npos) return std::nullopt;
  return static_cast<int64_t>(found + offset);
}

std::optional<int64_t> PositionOf(const duckdb::ErrorData& error,
                                  std::string_view excerpt, std::string_view sql) {
  const std::string_view given = Extra(error, "position");
  int64_t position = 0;
  if (!given.empty() &&
      std::from_chars(given.data(), given.data() + given.size(), position).ec ==
          std::errc()) {
    return position;
  }
  if (excerpt.empty() || sql.empty()) return std::nullopt;
  return ExcerptPosition(excerpt, sql);
}

// One line: breaks become blanks, several blanks one. Long lists are left out, advice
// that clients cannot follow, and the stack that DuckDB adds to its own defects.
std::string OneLine(std::string_view text) {
  text = text.substr(0, text.find("\n\nStack Trace:"));
  text = text.substr(0, text.find("\n\nPossible solutions:"));
  text = text.substr(0, text.find("\n\tCandidate functions:"));
  std::string line;
  for (char c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
    if (c == ' ' && (line.empty() || line.back() == ' ')) continue;
    line += c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (line.size() > kMaxMessageBytes) {
    size_t end = kMaxMessageBytes;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    line.resize(end);
    line += "…";
  }
  return line;
}

// For statuses that are not an engine's, such as those of datasets.
ErrorClass ClassOfCode(arrow::StatusCode code) {
  switch (code) {
    case arrow::StatusCode::IOError:
    case arrow::StatusCode::Invalid:  // what a dataset calls a damaged file
      return ErrorClass::kIo;
    case arrow::StatusCode::Cancelled:
      return ErrorClass::kCancelled;
    case arrow::StatusCode::OutOfMemory:
      return ErrorClass::kOutOfMemory;
    case arrow::StatusCode::NotImplemented:
      return ErrorClass::kNotSupported;
    case arrow::StatusCode::KeyError:
      return ErrorClass::kMissingObject;
    default:
      return ErrorClass::kInternal;
  }
}

std::optional<ErrorClass> HiddenClass(const duckdb::ErrorData& error) {
  const std::string_view text = Extra(error, kClassKey);
  int value = 0;
  if (text.empty() ||
      std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return static_cast<ErrorClass>(value);
}

}  // namespace

arrow::Status ToStatus(const duckdb::ErrorData& error, std::string_view sql) {
  std::string_view message = error.RawMessage();
  std::string_view excerpt;
  size_t at = message.find("\n\nLINE ");
  if (at != std::string_view::npos) {
    excerpt = message.substr(at + 2);
    message = message.substr(0, at);
  }
  const auto position = PositionOf(error, excerpt, sql);
  if (const auto hidden = HiddenClass(error)) {
    return MakeError(*hidden, OneLine(message), position, Extra(error, kStateKey));
  }
  const Kind kind = KindOf(error);
  return MakeError(kind.error_class, OneLine(message), position, kind.sqlstate);
}

void Throw(const arrow::Status& status) {
  ErrorClass error_class = ClassOfCode(status.code());
  std::string sqlstate;
  if (const auto detail = GetErrorDetail(status)) {
    error_class = detail->error_class();
    sqlstate = detail->sqlstate();
  }
  throw duckdb::Exception(
      {{kClassKey, std::to_string(static_cast<int>(error_class))}, {kStateKey, sqlstate}},
      duckdb::ExceptionType::INVALID_INPUT, status.message());
}

}  // namespace pinion::engine::duck
