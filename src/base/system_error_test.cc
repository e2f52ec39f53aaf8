#include "base/system_error.h"

#include <cerrno>

#include <arrow/util/io_util.h>
#include <gtest/gtest.h>

namespace pinion::base {
namespace {

TEST(SystemError, SaysWhatTheSystemSaysAndKeepsTheNumber) {
  const arrow::Status status = SystemError(ENOSPC, "write failed");
  EXPECT_TRUE(status.IsIOError());
  EXPECT_EQ(status.message(), "write failed: No space left on device");
  EXPECT_EQ(arrow::internal::ErrnoFromStatus(status), ENOSPC);
}

}  // namespace
}  // namespace pinion::base
