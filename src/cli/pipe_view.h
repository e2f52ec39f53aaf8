#pragma once

#include <optional>
#include <string>

#include <arrow/io/interfaces.h>

#include "cli/terminal.h"
#include "pinion/pipeline.h"

namespace pinion::cli {

// The live view of a running pipeline: a few lines on a terminal, drawn over each other.
// Writes nothing where there is no terminal. One thread.
class PipeView {
 public:
  // A total of less than 0 is unknown.
  PipeView(const Terminal& terminal, arrow::io::OutputStream& out, int64_t total_rows)
      : terminal_(terminal), out_(out), total_rows_(total_rows) {}

  void Draw(const PipelineStats& stats);
  // Takes the lines away.
  void Erase();

  // The lines for `now`, with rates since `before`.
  static std::string Render(const PipelineStats& now, const PipelineStats& before,
                            int64_t total_rows, const Terminal& terminal);

 private:
  const Terminal terminal_;
  arrow::io::OutputStream& out_;
  const int64_t total_rows_;
  std::optional<PipelineStats> last_;
  int lines_ = 0;
};

}  // namespace pinion::cli
