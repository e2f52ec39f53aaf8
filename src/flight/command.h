#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <arrow/result.h>

namespace pinion::flight {

struct DatasetCommand {
  std::string dataset;
  // By name, in the order wanted; all if unset.
  std::optional<std::vector<std::string>> columns = std::nullopt;
  std::optional<int64_t> limit = std::nullopt;
  // At most so many endpoints, each with a part of the rows.
  int64_t endpoints = 1;

  bool operator==(const DatasetCommand&) const = default;
};

struct QueryCommand {
  std::string sql;

  bool operator==(const QueryCommand&) const = default;
};

using Command = std::variant<DatasetCommand, QueryCommand>;

inline constexpr int64_t kMaxEndpoints = 1024;

// What plain Flight's command descriptors say: SQL text as it is, or a JSON object, which
// no SQL looks like,
//   {"query": "SELECT 1"}
//   {"dataset": "t", "columns": ["a", "b"], "limit": 10, "endpoints": 4}
// where only `query` or `dataset` is required. Invalid for JSON that is neither.
arrow::Result<Command> ParseCommand(std::string_view text);

}  // namespace pinion::flight
