#include "flight/command.h"

#include <limits>
#include <utility>

#include <arrow/status.h>
#include <arrow/util/utf8.h>
#include <nlohmann/json.hpp>

#include "base/near_names.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using nlohmann::json;

constexpr char kForms[] =
    R"({"query": "SELECT ..."} or {"dataset": "name", "columns": ["a"], "limit": 10})";

constexpr char kSpace[] = " \t\r\n";

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(kSpace) == std::string_view::npos;
}

Result<json> ParseJson(std::string_view text) {
  // The parser's own exception is the only source of its message.
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    return Status::Invalid("the command begins like JSON but is none, at byte ",
                           error.byte);
  }
}

Result<std::string> StringOf(const json& value, std::string_view key) {
  if (!value.is_string()) return Status::Invalid("'", key, "' must be a string");
  return value.get<std::string>();
}

Result<std::vector<std::string>> StringsOf(const json& value, std::string_view key) {
  std::vector<std::string> strings;
  if (!value.is_array()) return Status::Invalid("'", key, "' must be a list of strings");
  for (const json& item : value) {
    ARROW_ASSIGN_OR_RAISE(std::string string, StringOf(item, key));
    strings.push_back(std::move(string));
  }
  return strings;
}

Result<int64_t> NumberOf(const json& value, std::string_view key, int64_t low,
                         int64_t high) {
  const bool fits = value.is_number_unsigned() &&
                    value.get<uint64_t>() <= static_cast<uint64_t>(high) &&
                    value.get<uint64_t>() >= static_cast<uint64_t>(low);
  if (!fits) return Status::Invalid("'", key, "' must be a whole number from ", low);
  return value.get<int64_t>();
}

Status SetField(const std::string& key, const json& value, DatasetCommand& command) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() - 1;
  if (key == "dataset") {
    ARROW_ASSIGN_OR_RAISE(command.dataset, StringOf(value, key));
  } else if (key == "columns") {
    ARROW_ASSIGN_OR_RAISE(command.columns, StringsOf(value, key));
  } else if (key == "limit") {
    ARROW_ASSIGN_OR_RAISE(command.limit, NumberOf(value, key, 0, kMost));
  } else if (key == "endpoints") {
    ARROW_ASSIGN_OR_RAISE(command.endpoints, NumberOf(value, key, 1, kMaxEndpoints));
  } else {
    return Status::Invalid(
        base::UnknownName("key", key, {"dataset", "columns", "limit", "endpoints"}));
  }
  return Status::OK();
}

Result<Command> CommandOf(const json& object) {
  if (object.contains("query")) {
    if (object.size() > 1) return Status::Invalid("'query' stands alone in a command");
    QueryCommand command;
    ARROW_ASSIGN_OR_RAISE(command.sql, StringOf(object["query"], "query"));
    if (IsBlank(command.sql)) return Status::Invalid("'query' is empty");
    return command;
  }
  if (!object.contains("dataset")) {
    return Status::Invalid("the command says neither 'query' nor 'dataset'");
  }
  DatasetCommand command;
  for (const auto& [key, value] : object.items()) {
    ARROW_RETURN_NOT_OK(SetField(key, value, command));
  }
  return command;
}

}  // namespace

Result<Command> ParseCommand(std::string_view text) {
  arrow::util::InitializeUTF8();  // once; needed by the next line
  if (!arrow::util::ValidateUTF8(text)) {
    return Status::Invalid("the command is neither UTF-8 text nor a Flight SQL message");
  }
  if (IsBlank(text)) {
    return Status::Invalid("the command is empty; expected SQL, ", kForms);
  }
  if (text[text.find_first_not_of(kSpace)] != '{') {
    return QueryCommand{.sql = std::string(text)};
  }
  auto object = ParseJson(text);
  auto command = object.ok() ? CommandOf(*object) : object.status();
  if (command.ok()) return command;
  return command.status().WithMessage(command.status().message(), "; expected ", kForms);
}

}  // namespace pinion::flight
