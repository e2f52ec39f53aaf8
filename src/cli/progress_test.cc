#include "cli/progress.h"

#include <thread>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/text_width.h"

namespace pinion::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ProgressState Halfway() {
  return {.label = "reading t",
          .rows = 500,
          .bytes = 2'000'000,
          .total_rows = 1000,
          .total_bytes = std::nullopt,
          .elapsed = std::chrono::seconds(2)};
}

TEST(RenderProgress, ShowsBarRateAndTimeLeftWhenTheTotalIsKnown) {
  EXPECT_EQ(RenderProgress(Halfway(), 90),
            "reading t  ━━━━━━━━━━━━────────────   50%  500 rows  2.00 MB  1.00 MB/s  "
            "2.0 s left");
}

TEST(RenderProgress, PromisesNothingWhenTheTotalIsUnknown) {
  ProgressState state = Halfway();
  state.total_rows.reset();
  EXPECT_EQ(RenderProgress(state, 80), "reading t  500 rows  2.00 MB  1.00 MB/s");
}

TEST(RenderProgress, FitsAnyWidth) {
  for (int width = 1; width < 100; ++width) {
    EXPECT_LE(TextWidth(RenderProgress(Halfway(), width)), width);
  }
}

TEST(RenderProgress, StaysAtAHundredPercentIfThereIsMoreThanAnnounced) {
  ProgressState state = Halfway();
  state.rows = 5000;
  EXPECT_THAT(RenderProgress(state, 80), HasSubstr("100%"));
  EXPECT_THAT(RenderProgress(state, 80), Not(HasSubstr("left")));
}

class ProgressTest : public ::testing::Test {
 protected:
  Context MakeContext(bool is_tty) {
    Terminal terminal;
    terminal.is_tty = is_tty;
    return Context{.out = *out_,
                   .err = *err_,
                   .in = in_,
                   .out_terminal = terminal,
                   .err_terminal = terminal,
                   .stop = {}};
  }

  std::shared_ptr<arrow::io::BufferOutputStream> out_ =
      *arrow::io::BufferOutputStream::Create();
  std::shared_ptr<arrow::io::BufferOutputStream> err_ =
      *arrow::io::BufferOutputStream::Create();
  Input in_{-1};
};

TEST_F(ProgressTest, IsSilentWithoutATerminal) {
  Context context = MakeContext(/*is_tty=*/false);
  {
    Progress progress(context, "x", 10, std::nullopt);
    // Longer than a terminal would have had to wait for its first line.
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
    while (std::chrono::steady_clock::now() < end) progress.Add(5, 5);
  }
  EXPECT_EQ((*err_->Finish())->ToString(), "");
  EXPECT_EQ((*out_->Finish())->ToString(), "");
}

TEST_F(ProgressTest, ErasesItsLineAtTheEnd) {
  Context context = MakeContext(/*is_tty=*/true);
  {
    Progress progress(context, "x", 10, std::nullopt);
    // Until it has drawn: how often depends on the clock.
    while (*err_->Tell() == 0) progress.Add(1, 1);
  }
  const std::string text = (*err_->Finish())->ToString();
  EXPECT_THAT(text, ::testing::StartsWith("\r\x1b[Kx"));
  EXPECT_THAT(text, ::testing::EndsWith("\r\x1b[K"));
}

TEST_F(ProgressTest, CountsFromSeveralThreads) {
  Context context = MakeContext(/*is_tty=*/true);
  Progress progress(context, "x", std::nullopt, std::nullopt);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) progress.Add(1, 1);
    });
  }
  for (auto& thread : threads) thread.join();
  const int64_t written = *err_->Tell();
  while (*err_->Tell() == written) progress.Add(0, 0);
  EXPECT_THAT((*err_->Finish())->ToString(), HasSubstr("4,000 rows"));
}

}  // namespace
}  // namespace pinion::cli
