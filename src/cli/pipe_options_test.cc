#include "cli/pipe_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"

namespace pinion::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(PipeOptions, ReadsSteps) {
  auto step = ParseCompute("  filter   age > 30 AND name = 'a b' ").ValueOrDie();
  EXPECT_EQ(step->kind, ComputeStep::Kind::kFilter);
  EXPECT_EQ(step->text, "age > 30 AND name = 'a b'");
  EXPECT_EQ(ParseCompute("stats").ValueOrDie()->kind, ComputeStep::Kind::kStats);
  EXPECT_FALSE(ParseCompute("none").ValueOrDie().has_value());
  for (const char* wrong : {"", "filter", "sql ", "nulls now", "sum"}) {
    EXPECT_TRUE(IsUsageError(ParseCompute(wrong).status())) << wrong;
  }
}

TEST(PipeOptions, ReadsSinks) {
  const auto put = ParseSink("put grpc://127.0.0.1:8815 my copy").ValueOrDie();
  EXPECT_EQ(put.kind, PipeSinkOption::Kind::kPut);
  EXPECT_EQ(put.uri, "grpc://127.0.0.1:8815");
  EXPECT_EQ(put.name, "my copy");
  EXPECT_EQ(ParseSink("a b/c.parquet").ValueOrDie().path, "a b/c.parquet");
  for (const char* wrong :
       {"", "put", "put grpc://127.0.0.1:8815", "put nowhere x", "a"}) {
    EXPECT_TRUE(IsUsageError(ParseSink(wrong).status())) << wrong;
  }
}

TEST(PipeOptions, ReadsSizesAndTimes) {
  EXPECT_EQ(ParseSize("64MB").ValueOrDie(), 64'000'000);
  EXPECT_EQ(ParseSize("1.5 KiB").ValueOrDie(), 1536);
  EXPECT_EQ(ParseSize("4096").ValueOrDie(), 4096);
  for (const char* wrong : {"", "0", "-1MB", "MB", "1mb2", "1e30GB", "nan"}) {
    EXPECT_TRUE(IsUsageError(ParseSize(wrong).status())) << wrong;
  }
  EXPECT_EQ(ParseDuration("500ms").ValueOrDie(), milliseconds(500));
  EXPECT_EQ(ParseDuration("1.5").ValueOrDie(), milliseconds(1500));
  EXPECT_EQ(ParseDuration("2m").ValueOrDie(), milliseconds(120'000));
  for (const char* wrong : {"", "0s", "-1s", "soon", "1 day", "inf"}) {
    EXPECT_TRUE(IsUsageError(ParseDuration(wrong).status())) << wrong;
  }
}

}  // namespace
}  // namespace pinion::cli
