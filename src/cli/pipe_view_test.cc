#include "cli/pipe_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

PipelineStats TwoSecondsIn() {
  const QueueStats full{.limits = {8, 1000}, .items = 8, .bytes = 800};
  const QueueStats half{.limits = {8, 1000}, .items = 4, .bytes = 100};
  PipelineStats stats;
  stats.wall = milliseconds(2000);
  stats.stages = {{.name = "fetch", .items = 24, .rows = 2400, .busy = milliseconds(500)},
                  {.name = "compute",
                   .workers = 2,
                   .items = 14,
                   .rows = 1400,
                   .busy = milliseconds(4000),
                   .queue = full},
                  {.name = "sink",
                   .items = 10,
                   .rows = 1000,
                   .busy = milliseconds(200),
                   .queue = half}};
  return stats;
}

TEST(PipeView, ShowsStagesQueuesAndTheTimeLeft) {
  const PipelineStats before{.stages = std::vector<StageStats>(3)};
  const std::string text = PipeView::Render(TwoSecondsIn(), before, 4800, {.width = 200});
  EXPECT_THAT(text, HasSubstr("busy  25 %  1,200 rows/s"));
  EXPECT_THAT(text, HasSubstr("busy 100 %"));
  EXPECT_THAT(text, HasSubstr("████████████████████ 8/8 batches"));
  EXPECT_THAT(text, HasSubstr("██████████░░░░░░░░░░ 4/8 batches"));
  // Ten of what will be 48 batches are through after two seconds.
  EXPECT_THAT(text, HasSubstr("21 %"));
  EXPECT_THAT(text, HasSubstr("7.6 s left"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

TEST(PipeView, KnowsNoTimeLeftWithoutATotalAndFitsTheTerminal) {
  const PipelineStats before{.stages = std::vector<StageStats>(3)};
  const std::string text = PipeView::Render(TwoSecondsIn(), before, -1, {.width = 30});
  EXPECT_THAT(text, Not(HasSubstr("left")));
  EXPECT_THAT(text, HasSubstr("…"));
}

}  // namespace
}  // namespace pinion::cli
