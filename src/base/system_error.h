#pragma once

#include <string_view>

#include <arrow/status.h>

namespace pinion::base {

// An IOError whose message ends with the system's words for `error`, an errno, such as
// "write failed: No space left on device". The errno itself is the detail, where
// arrow::internal::ErrnoFromStatus finds it.
arrow::Status SystemError(int error, std::string_view what);

}  // namespace pinion::base
