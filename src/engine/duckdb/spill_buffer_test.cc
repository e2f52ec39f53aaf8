#include "engine/duckdb/spill_buffer.h"

#include <filesystem>

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/temporary_folder.h"

namespace pinion::engine::duck {
namespace {

class SpillBufferTest : public testing::Test {
 protected:
  std::shared_ptr<arrow::RecordBatch> Batch(int64_t i) {
    auto text = "[" + std::to_string(i) + ", " + std::to_string(i + 1) + ", null]";
    auto array = arrow::json::ArrayFromJSONString(arrow::int64(), text).ValueOrDie();
    return arrow::RecordBatch::Make(schema_, array->length(), {array});
  }

  tests::TemporaryFolder folder_;
  std::shared_ptr<arrow::Schema> schema_ = arrow::schema({arrow::field(
      "i", arrow::int64(), true, arrow::key_value_metadata({"key"}, {"value"}))});
};

TEST_F(SpillBufferTest, GivesBackInOrderWhatItWasGiven) {
  for (const int64_t memory : {int64_t{0}, int64_t{100}, int64_t{1} << 30}) {
    auto space = std::make_shared<SpillSpace>(folder_.path(), 0);
    {
      SpillBuffer buffer(schema_, space, memory);
      for (int64_t i = 0; i < 50; ++i) ASSERT_OK(buffer.Append(Batch(i)));
      EXPECT_EQ(space->used() > 0, memory < 1000);
      EXPECT_TRUE(std::filesystem::is_empty(folder_.path())) << "the file has no name";
      for (int64_t i = 0; i < 50; ++i) {
        ASSERT_OK_AND_ASSIGN(auto batch, buffer.Next());
        ASSERT_NE(batch, nullptr);
        EXPECT_TRUE(batch->Equals(*Batch(i), /*check_metadata=*/true));
      }
      for (int i = 0; i < 2; ++i) {
        ASSERT_OK_AND_ASSIGN(auto end, buffer.Next());
        EXPECT_EQ(end, nullptr);
      }
    }
    EXPECT_EQ(space->used(), 0);
  }
}

TEST_F(SpillBufferTest, MayBeGivenUpHalfWay) {
  auto space = std::make_shared<SpillSpace>(folder_.path(), 0);
  for (const bool read : {false, true}) {
    SpillBuffer buffer(schema_, space, 0);
    for (int64_t i = 0; i < 5; ++i) ASSERT_OK(buffer.Append(Batch(i)));
    if (read) {
      ASSERT_OK(buffer.Next());
    }
  }
  EXPECT_EQ(space->used(), 0);
}

TEST_F(SpillBufferTest, StopsAtTheLimitOfAllBuffersTogether) {
  auto space = std::make_shared<SpillSpace>(folder_.path(), 200);
  SpillBuffer first(schema_, space, 0);
  SpillBuffer second(schema_, space, 0);
  arrow::Status status;
  for (int64_t i = 0; i < 100 && status.ok(); ++i) {
    status = (i % 2 == 0 ? first : second).Append(Batch(i));
  }
  EXPECT_TRUE(IsError(status, ErrorClass::kOutOfMemory)) << status;
  EXPECT_LE(space->used(), 200);
}

TEST_F(SpillBufferTest, SaysWhenItCannotWrite) {
  auto space = std::make_shared<SpillSpace>(folder_ / "missing", 0);
  SpillBuffer buffer(schema_, space, 0);
  EXPECT_TRUE(IsError(buffer.Append(Batch(0)), ErrorClass::kIo));
}

}  // namespace
}  // namespace pinion::engine::duck
