#include "cli/pipe_report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "cli/json_text.h"
#include "cli/number_text.h"
#include "cli/text_table.h"
#include "cli/text_width.h"

namespace pinion::cli {

namespace {

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string Number(double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string Milliseconds(std::chrono::nanoseconds time) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.1f ms", Seconds(time) * 1000);
  return text.data();
}

TextTable::Cell Cell(const std::optional<std::string>& text) {
  if (!text) return {.text = "-", .faint = true};
  return {.text = PrintableText(*text)};
}
TextTable::Cell Cell(const std::optional<double>& value) {
  return Cell(value ? std::optional(Number(*value)) : std::nullopt);
}

TextTable NullsTable(const PipeTotals& totals) {
  TextTable table;
  table.columns = {{.name = "column"}, {.name = "nulls", .align_right = true}};
  for (size_t i = 0; i < totals.nulls.size(); ++i) {
    table.rows.push_back({Cell(totals.columns[i]), Cell(GroupedNumber(totals.nulls[i]))});
  }
  return table;
}

TextTable StatsTable(const PipeTotals& totals) {
  TextTable table;
  table.columns = {{.name = "column"},
                   {.name = "type"},
                   {.name = "count", .align_right = true},
                   {.name = "nulls", .align_right = true},
                   {.name = "min", .align_right = true},
                   {.name = "max", .align_right = true},
                   {.name = "mean", .align_right = true},
                   {.name = "stddev", .align_right = true},
                   {.name = "distinct", .align_right = true}};
  for (const pipeline::ColumnStats& column : totals.stats) {
    const auto distinct = column.ApproxDistinct();
    table.rows.push_back(
        {Cell(column.name()), Cell(column.type()->ToString()),
         Cell(GroupedNumber(column.count())), Cell(GroupedNumber(column.nulls())),
         Cell(column.MinText()), Cell(column.MaxText()), Cell(column.mean()),
         Cell(column.stddev()),
         Cell(distinct ? std::optional("~" + GroupedNumber(*distinct)) : std::nullopt)});
  }
  return table;
}

TextTable StagesTable(const PipelineStats& stats) {
  TextTable table;
  table.columns = {{.name = "stage"},
                   {.name = "workers", .align_right = true},
                   {.name = "batches", .align_right = true},
                   {.name = "rows", .align_right = true},
                   {.name = "busy", .align_right = true},
                   {.name = "starved", .align_right = true},
                   {.name = "blocked", .align_right = true},
                   {.name = "queue", .align_right = true},
                   {.name = "memory", .align_right = true}};
  for (const StageStats& stage : stats.stages) {
    std::optional<std::string> queue;
    std::optional<std::string> memory;
    if (stage.queue) {
      queue = std::to_string(stage.queue->high_items) + "/" +
              std::to_string(stage.queue->limits.items);
      memory = HumanBytes(stage.queue->high_bytes);
    }
    table.rows.push_back({Cell(stage.name), Cell(std::to_string(stage.workers)),
                          Cell(GroupedNumber(stage.items)),
                          Cell(GroupedNumber(stage.rows)), Cell(Milliseconds(stage.busy)),
                          Cell(Milliseconds(stage.starved)),
                          Cell(Milliseconds(stage.blocked)), Cell(queue), Cell(memory)});
  }
  return table;
}

std::string Rendered(const TextTable& table, const Terminal& terminal) {
  return RenderTable(table, terminal,
                     terminal.is_tty ? std::optional(terminal.width) : std::nullopt)
             .text +
         "\n";
}

void AppendField(const char* name, const std::string& json, std::string* out) {
  if (!out->ends_with('{')) *out += ',';
  *out += std::string("\"") + name + "\":" + json;
}

std::string JsonString(const std::string& text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}
std::string JsonText(const std::optional<std::string>& text) {
  return text ? JsonString(*text) : "null";
}
std::string JsonNumber(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return "null";
  std::string out;
  AppendFloat(*value, &out);
  return out;
}

std::string JsonNulls(const PipeTotals& totals) {
  std::string out = "{";
  for (size_t i = 0; i < totals.nulls.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(totals.columns[i], &out);
    out += ":" + std::to_string(totals.nulls[i]);
  }
  return out + "}";
}

std::string JsonColumns(const PipeTotals& totals) {
  std::string out = "[";
  for (const pipeline::ColumnStats& column : totals.stats) {
    if (out.size() > 1) out += ',';
    std::string fields = "{";
    const auto distinct = column.ApproxDistinct();
    AppendField("name", JsonString(column.name()), &fields);
    AppendField("type", JsonString(column.type()->ToString()), &fields);
    AppendField("count", std::to_string(column.count()), &fields);
    AppendField("nulls", std::to_string(column.nulls()), &fields);
    AppendField("min", JsonText(column.MinText()), &fields);
    AppendField("max", JsonText(column.MaxText()), &fields);
    AppendField("mean", JsonNumber(column.mean()), &fields);
    AppendField("stddev", JsonNumber(column.stddev()), &fields);
    AppendField("approx_distinct", distinct ? std::to_string(*distinct) : "null",
                &fields);
    out += fields + "}";
  }
  return out + "]";
}

}  // namespace

std::string PipeReportText(const PipeTotals& totals, const PipelineStats& stats,
                           const Terminal& terminal) {
  std::string text;
  if (!totals.nulls.empty()) text += Rendered(NullsTable(totals), terminal);
  if (!totals.stats.empty()) text += Rendered(StatsTable(totals), terminal);
  text += Rendered(StagesTable(stats), terminal);
  const StageStats& fetch = stats.stages.front();
  const double wall = Seconds(stats.wall);
  text += GroupedNumber(fetch.rows) + " rows, " + HumanBytes(fetch.bytes) + " in " +
          Milliseconds(stats.wall) + " (" +
          GroupedNumber(std::llround(static_cast<double>(fetch.rows) / wall)) +
          " rows/s, " +
          HumanBytes(std::llround(static_cast<double>(fetch.bytes) / wall)) + "/s)\n";
  std::array<char, 32> speedup;
  std::snprintf(speedup.data(), speedup.size(), "%.2f", stats.Speedup());
  text += "one stage after the other: " + Milliseconds(stats.StageTime()) + ", so " +
          speedup.data() + " times as fast; the slowest stage is " +
          stats.Bottleneck().name + "\n";
  return text;
}

std::string PipeReportJson(const PipeTotals& totals, const PipelineStats& stats) {
  const StageStats& fetch = stats.stages.front();
  std::string out = "{";
  AppendField("rows", std::to_string(fetch.rows), &out);
  AppendField("batches", std::to_string(fetch.items), &out);
  AppendField("bytes", std::to_string(fetch.bytes), &out);
  AppendField("rows_out", std::to_string(totals.rows), &out);
  AppendField("batches_out", std::to_string(totals.batches), &out);
  if (!totals.nulls.empty()) AppendField("null_counts", JsonNulls(totals), &out);
  if (!totals.stats.empty()) AppendField("columns", JsonColumns(totals), &out);
  // The statistics' own form is an object with the rest: its fields go here.
  return out + "," + stats.ToJson().substr(1) + "\n";
}

}  // namespace pinion::cli
