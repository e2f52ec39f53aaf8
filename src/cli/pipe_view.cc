#include "cli/pipe_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cli/context.h"
#include "cli/number_text.h"
#include "cli/text_width.h"

namespace pinion::cli {

namespace {

constexpr int kGaugeWidth = 20;

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string Gauge(double share) {
  const int full =
      static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kGaugeWidth));
  std::string gauge;
  for (int i = 0; i < kGaugeWidth; ++i) gauge += i < full ? "█" : "░";
  return gauge;
}

std::string Percent(double share) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%3.0f %%", std::clamp(share, 0.0, 1.0) * 100);
  return text.data();
}

std::string Padded(std::string text, int width) {
  const int missing = width - TextWidth(text);
  if (missing > 0) text.append(static_cast<size_t>(missing), ' ');
  return text;
}

// How much of its time since `before` a stage has spent working.
std::string StageLine(const StageStats& now, const StageStats& before, double elapsed) {
  const double busy = Seconds(now.busy - before.busy) / (elapsed * now.workers);
  const double rows = static_cast<double>(now.rows - before.rows) / elapsed;
  const double bytes = static_cast<double>(now.bytes - before.bytes) / elapsed;
  return Padded(now.name, 8) + " " + Gauge(busy) + " busy " + Percent(busy) + "  " +
         GroupedNumber(std::llround(rows)) + " rows/s  " +
         HumanBytes(std::llround(bytes)) + "/s";
}

std::string QueueLine(const QueueStats& queue) {
  const double share = std::max(
      static_cast<double>(queue.items) / static_cast<double>(queue.limits.items),
      static_cast<double>(queue.bytes) / static_cast<double>(queue.limits.bytes));
  return "  queue  " + Gauge(share) + " " + std::to_string(queue.items) + "/" +
         std::to_string(queue.limits.items) + " batches  " + HumanBytes(queue.bytes);
}

// Batches that have left the pipeline: those the last stage but one has taken, less those
// that wait for the last.
int64_t BatchesDone(const PipelineStats& stats) {
  const StageStats& last = stats.stages.back();
  const int64_t given = stats.stages[stats.stages.size() - 2].items;
  return given - (last.queue ? last.queue->items : 0);
}

std::string TotalLine(const PipelineStats& now, int64_t total_rows) {
  const StageStats& first = now.stages.front();
  const int64_t done = BatchesDone(now);
  const double wall = Seconds(now.wall);
  std::string line = "total    ";
  if (total_rows > 0 && first.items > 0) {
    const double share = static_cast<double>(first.rows) /
                         static_cast<double>(total_rows) * static_cast<double>(done) /
                         static_cast<double>(first.items);
    line += Gauge(share) + " " + Percent(share) + "  ";
    if (share > 0 && share < 1) {
      line += HumanSeconds(wall * (1 - share) / share) + " left  ";
    }
  }
  return line + GroupedNumber(first.rows) + " rows fetched, " + GroupedNumber(done) +
         " batches done, " + HumanSeconds(wall);
}

}  // namespace

std::string PipeView::Render(const PipelineStats& now, const PipelineStats& before,
                             int64_t total_rows, const Terminal& terminal) {
  const double elapsed = std::max(Seconds(now.wall - before.wall), 1e-3);
  std::string text;
  auto add = [&](const std::string& line, Style style) {
    text.append(StyleStart(terminal, style))
        .append(CutToWidth(line, terminal.width))
        .append(StyleEnd(terminal))
        .append("\n");
  };
  for (size_t i = 0; i < now.stages.size(); ++i) {
    if (now.stages[i].queue) add(QueueLine(*now.stages[i].queue), Style::kDim);
    add(StageLine(now.stages[i], before.stages[i], elapsed), Style::kPlain);
  }
  add(TotalLine(now, total_rows), Style::kBold);
  return text;
}

void PipeView::Draw(const PipelineStats& stats) {
  if (!terminal_.is_tty) return;
  const std::string text =
      Render(stats,
             last_.value_or(
                 PipelineStats{.stages = std::vector<StageStats>(stats.stages.size())}),
             total_rows_, terminal_);
  Erase();
  WriteError(out_, text);
  lines_ = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  last_ = stats;
}

void PipeView::Erase() {
  if (lines_ == 0) return;
  // Up to the first line, and clear from there.
  WriteError(out_, "\x1b[" + std::to_string(lines_) + "A\r\x1b[J");
  lines_ = 0;
}

}  // namespace pinion::cli
