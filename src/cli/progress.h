#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <arrow/io/interfaces.h>

#include "base/mutex.h"
#include "cli/context.h"
#include "cli/terminal.h"

namespace pinion::cli {

// How far a piece of work has come, for one line of text.
struct ProgressState {
  std::string label;
  int64_t rows = 0;
  int64_t bytes = 0;
  // Unknown where empty. Rows decide the bar if both are known.
  std::optional<int64_t> total_rows;
  std::optional<int64_t> total_bytes;
  std::chrono::duration<double> elapsed{0};
};

// The line for `state` in at most `width` columns: a bar with the percentage and the
// time left where a total is known; rows, bytes and bytes a second always.
std::string RenderProgress(const ProgressState& state, int width);

// A progress line on the terminal behind standard error; nothing at all where that is
// no terminal. Thread-safe. The line is erased at the end, by Finish or the destructor,
// so what is printed next starts on a clean line; print nothing else meanwhile.
class Progress {
 public:
  // `label` says what is done ("reading large_table"). A total of less than 0 or
  // nothing is unknown.
  Progress(Context& context, std::string label, std::optional<int64_t> total_rows,
           std::optional<int64_t> total_bytes);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Counts, and draws if the last drawing is at least a tenth of a second old.
  void Add(int64_t rows, int64_t bytes);
  void Finish();

 private:
  using Clock = std::chrono::steady_clock;

  const bool enabled_;
  const int width_;
  arrow::io::OutputStream& err_;
  const Clock::time_point start_;
  base::Mutex mutex_;
  ProgressState state_ PINION_GUARDED_BY(mutex_);
  Clock::time_point drawn_at_ PINION_GUARDED_BY(mutex_);
  bool drawn_ PINION_GUARDED_BY(mutex_) = false;
};

}  // namespace pinion::cli
