#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "pinion/pipeline_options.h"
#include "pipeline/byte_text.h"

namespace pinion {

namespace {

using internal::ByteText;
using internal::DurationText;

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string Fixed(double value, int decimals) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string JsonText(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", c);
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

using Row = std::array<std::string, 10>;

Row TableRow(const StageStats& stage) {
  Row row{stage.name,
          std::to_string(stage.workers),
          std::to_string(stage.items),
          std::to_string(stage.rows),
          ByteText(stage.bytes),
          DurationText(stage.busy),
          DurationText(stage.starved),
          DurationText(stage.blocked),
          "-",
          "-"};
  if (stage.queue) {
    row[8] = std::to_string(stage.queue->high_items) + "/" +
             std::to_string(stage.queue->limits.items);
    row[9] =
        ByteText(stage.queue->high_bytes) + "/" + ByteText(stage.queue->limits.bytes);
  }
  return row;
}

void AppendJson(std::ostringstream& out, const StageStats& stage) {
  out << "{\"name\":" << JsonText(stage.name) << ",\"workers\":" << stage.workers
      << ",\"items\":" << stage.items << ",\"rows\":" << stage.rows
      << ",\"bytes\":" << stage.bytes << ",\"busy_s\":" << Fixed(Seconds(stage.busy), 6)
      << ",\"starved_s\":" << Fixed(Seconds(stage.starved), 6)
      << ",\"blocked_s\":" << Fixed(Seconds(stage.blocked), 6);
  if (stage.queue) {
    const QueueStats& queue = *stage.queue;
    out << ",\"queue\":{\"limit_items\":" << queue.limits.items
        << ",\"limit_bytes\":" << queue.limits.bytes
        << ",\"high_items\":" << queue.high_items
        << ",\"high_bytes\":" << queue.high_bytes << "}";
  }
  out << "}";
}

}  // namespace

const StageStats& PipelineStats::Bottleneck() const {
  return *std::max_element(stages.begin(), stages.end(),
                           [](const StageStats& a, const StageStats& b) {
                             return a.busy_per_worker() < b.busy_per_worker();
                           });
}

std::chrono::nanoseconds PipelineStats::StageTime() const {
  std::chrono::nanoseconds sum{0};
  for (const StageStats& stage : stages) sum += stage.busy;
  return sum;
}

double PipelineStats::Speedup() const {
  return wall.count() == 0 ? 1 : Seconds(StageTime()) / Seconds(wall);
}

std::string PipelineStats::ToString() const {
  std::vector<Row> rows{{"stage", "workers", "batches", "rows", "bytes", "busy",
                         "starved", "blocked", "queue max", "memory max"}};
  for (const StageStats& stage : stages) rows.push_back(TableRow(stage));
  std::array<size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::ostringstream out;
  for (const Row& row : rows) {
    out << row[0] << std::string(widths[0] - row[0].size(), ' ');
    for (size_t i = 1; i < row.size(); ++i) {
      out << "  " << std::string(widths[i] - row[i].size(), ' ') << row[i];
    }
    out << '\n';
  }
  out << "wall " << DurationText(wall) << ", stages " << DurationText(StageTime())
      << " one after the other: " << Fixed(Speedup(), 2) << " times as fast";
  if (!stages.empty()) out << "; the slowest is " << Bottleneck().name;
  out << '\n';
  return out.str();
}

std::string PipelineStats::ToJson() const {
  std::ostringstream out;
  out << "{\"wall_s\":" << Fixed(Seconds(wall), 6)
      << ",\"stages_s\":" << Fixed(Seconds(StageTime()), 6)
      << ",\"speedup\":" << Fixed(Speedup(), 3)
      << ",\"sequential\":" << (sequential ? "true" : "false") << ",\"stages\":[";
  for (size_t i = 0; i < stages.size(); ++i) {
    if (i > 0) out << ',';
    AppendJson(out, stages[i]);
  }
  out << "]}";
  return out.str();
}

}  // namespace pinion
