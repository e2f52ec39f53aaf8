#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/number_text.h"
#include "cli/text_width.h"

namespace pinion::cli {

namespace {

constexpr std::chrono::milliseconds kDrawInterval{100};
// Before that a time left would jump about.
constexpr std::chrono::duration<double> kMinTimeForEstimate{0.5};
constexpr int kBarWidth = 24;
constexpr int kMinBarWidth = 8;

// What part is done, 0 to 1; nothing without a total.
std::optional<double> Fraction(const ProgressState& state) {
  auto part = [](int64_t done, int64_t total) {
    return std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  };
  if (state.total_rows && *state.total_rows > 0) {
    return part(state.rows, *state.total_rows);
  }
  if (state.total_bytes && *state.total_bytes > 0) {
    return part(state.bytes, *state.total_bytes);
  }
  return std::nullopt;
}

std::string Bar(double fraction, int width) {
  const int full = static_cast<int>(std::floor(fraction * width));
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < full ? "━" : "─";
  return bar;
}

std::string Figures(const ProgressState& state, std::optional<double> fraction) {
  const double seconds = state.elapsed.count();
  std::string text = GroupedNumber(state.rows) + " rows";
  if (state.bytes > 0) {
    text += "  " + HumanBytes(state.bytes);
    if (seconds > 0) {
      const double rate = static_cast<double>(state.bytes) / seconds;
      text += "  " + HumanBytes(static_cast<int64_t>(rate)) + "/s";
    }
  }
  if (fraction && *fraction > 0 && *fraction < 1 &&
      state.elapsed >= kMinTimeForEstimate) {
    text += "  " + HumanSeconds(seconds / *fraction - seconds) + " left";
  }
  return text;
}

}  // namespace

std::string RenderProgress(const ProgressState& state, int width) {
  const std::optional<double> fraction = Fraction(state);
  std::string line = state.label;
  const std::string figures = Figures(state, fraction);
  if (fraction) {
    std::string percent = std::to_string(static_cast<int>(std::floor(*fraction * 100)));
    percent = std::string(3 - percent.size(), ' ') + percent + "%";
    const int rest =
        width - TextWidth(line) - TextWidth(percent) - TextWidth(figures) - 6;
    const int bar = std::min(kBarWidth, rest);
    if (bar >= kMinBarWidth) line += "  " + Bar(*fraction, bar);
    line += "  " + percent;
  }
  line += "  " + figures;
  return CutToWidth(line, width);
}

Progress::Progress(Context& context, std::string label, std::optional<int64_t> total_rows,
                   std::optional<int64_t> total_bytes)
    : enabled_(context.err_terminal.is_tty),
      // The last column stays free: some terminals wrap as soon as it is written.
      width_(std::max(1, context.err_terminal.width - 1)),
      err_(context.err),
      start_(Clock::now()),
      drawn_at_(start_) {
  state_.label = std::move(label);
  if (total_rows && *total_rows >= 0) state_.total_rows = total_rows;
  if (total_bytes && *total_bytes >= 0) state_.total_bytes = total_bytes;
}

Progress::~Progress() { Finish(); }

void Progress::Add(int64_t rows, int64_t bytes) {
  if (!enabled_) return;
  const base::MutexLock lock(mutex_);
  state_.rows += rows;
  state_.bytes += bytes;
  const Clock::time_point now = Clock::now();
  if (now - drawn_at_ < kDrawInterval) return;
  drawn_at_ = now;
  drawn_ = true;
  state_.elapsed = now - start_;
  WriteError(err_, "\r\x1b[K" + RenderProgress(state_, width_));
}

void Progress::Finish() {
  const base::MutexLock lock(mutex_);
  if (std::exchange(drawn_, false)) WriteError(err_, "\r\x1b[K");
}

}  // namespace pinion::cli
