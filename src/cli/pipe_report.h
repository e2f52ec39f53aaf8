#pragma once

#include <string>

#include "cli/pipe_options.h"
#include "cli/pipe_sink.h"
#include "cli/terminal.h"
#include "pinion/pipeline.h"

namespace pinion::cli {

// What `pinion pipe` says at its end, for people.
std::string PipeReportText(const PipeTotals& totals, const PipelineStats& stats,
                           const Terminal& terminal);

// The same for machines, one line: the form that the programs in examples/ use too, with
// more in it. See docs/pipeline.md.
std::string PipeReportJson(const PipeTotals& totals, const PipelineStats& stats);

}  // namespace pinion::cli
