#include "base/system_error.h"

#include <arrow/util/io_util.h>

namespace pinion::base {

arrow::Status SystemError(int error, std::string_view what) {
  return arrow::internal::IOErrorFromErrno(error, what, ": ",
                                           arrow::internal::ErrnoMessage(error));
}

}  // namespace pinion::base
