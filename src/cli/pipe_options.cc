#include "cli/pipe_options.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/near_names.h"
#include "cli/command.h"
#include "cli/location.h"
#include "data/format.h"

namespace pinion::cli {

namespace {

// The first word and what follows it, without blanks around.
std::pair<std::string, std::string> FirstWord(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  const auto trim = [&](std::string_view part) {
    const size_t from = part.find_first_not_of(kBlanks);
    if (from == std::string_view::npos) return std::string_view();
    return part.substr(from, part.find_last_not_of(kBlanks) - from + 1);
  };
  text = trim(text);
  const size_t end = std::min(text.find_first_of(kBlanks), text.size());
  return {std::string(text.substr(0, end)), std::string(trim(text.substr(end)))};
}

struct Unit {
  std::string_view name;
  double factor;
};

// A number with one of the units, all of it.
template <size_t N>
std::optional<double> ParseWithUnit(std::string_view text,
                                    const std::array<Unit, N>& units) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  for (const Unit& unit : units) {
    if (rest == unit.name) return number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

arrow::Result<std::optional<ComputeStep>> ParseCompute(const std::string& text) {
  using Kind = ComputeStep::Kind;
  auto [word, rest] = FirstWord(text);
  if (word == "nulls" || word == "stats" || word == "none") {
    if (!rest.empty()) {
      return UsageError("--compute " + word + " takes nothing more, but there is " +
                        base::QuoteForMessage(rest));
    }
    if (word == "none") return std::nullopt;
    return ComputeStep{word == "nulls" ? Kind::kNulls : Kind::kStats};
  }
  if (word == "filter") {
    if (rest.empty()) {
      return UsageError("--compute filter needs an expression: 'filter age > 30'");
    }
    return ComputeStep{Kind::kFilter, std::move(rest)};
  }
  if (word == "sql") {
    if (rest.empty()) {
      return UsageError("--compute sql needs a query: 'sql SELECT city FROM batch'");
    }
    return ComputeStep{Kind::kSql, std::move(rest)};
  }
  return UsageError(
      base::UnknownName("--compute", word, {"nulls", "stats", "filter", "sql", "none"}));
}

arrow::Result<PipeSinkOption> ParseSink(const std::string& text) {
  using Kind = PipeSinkOption::Kind;
  if (text == "summary") return PipeSinkOption{Kind::kSummary};
  if (text == "log") return PipeSinkOption{Kind::kLog};
  if (text == "none") return PipeSinkOption{Kind::kNone};
  auto [word, rest] = FirstWord(text);
  if (word == "put") {
    auto [uri, name] = FirstWord(rest);
    if (uri.empty() || name.empty()) {
      return UsageError(
          "--sink put needs a server and a name: 'put grpc://127.0.0.1:8815 copy'");
    }
    ARROW_RETURN_NOT_OK(ParseLocation(uri).status());
    return PipeSinkOption{.kind = Kind::kPut, .uri = uri, .name = name};
  }
  if (!data::FormatOfExtension(text).ok()) {
    return UsageError("--sink " + base::QuoteForMessage(text) +
                      " is none of summary, log, none, 'put URI NAME' or a file that "
                      "ends in .feather, .arrows, .parquet or .csv");
  }
  return PipeSinkOption{.kind = Kind::kFile, .path = text};
}

arrow::Result<int64_t> ParseSize(const std::string& text) {
  static constexpr std::array<Unit, 12> kUnits{{{"", 1},
                                                {"B", 1},
                                                {"K", 1e3},
                                                {"KB", 1e3},
                                                {"M", 1e6},
                                                {"MB", 1e6},
                                                {"G", 1e9},
                                                {"GB", 1e9},
                                                {"TB", 1e12},
                                                {"KiB", 1024.0},
                                                {"MiB", 1048576.0},
                                                {"GiB", 1073741824.0}}};
  const auto bytes = ParseWithUnit(text, kUnits);
  if (!bytes || !(*bytes >= 1) || *bytes > 9e18) {
    return UsageError(base::QuoteForMessage(text) +
                      " is no size; one looks like 64MB, 1.5GiB or 65536");
  }
  return static_cast<int64_t>(*bytes);
}

arrow::Result<std::chrono::nanoseconds> ParseDuration(const std::string& text) {
  static constexpr std::array<Unit, 6> kUnits{
      {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {"min", 60}, {"h", 3600}}};
  const auto seconds = ParseWithUnit(text, kUnits);
  if (!seconds || !(*seconds > 0) || *seconds > 1e9) {
    return UsageError(base::QuoteForMessage(text) +
                      " is no time; one looks like 500ms, 30s or 2m");
  }
  return std::chrono::nanoseconds(static_cast<int64_t>(*seconds * 1e9));
}

}  // namespace pinion::cli
