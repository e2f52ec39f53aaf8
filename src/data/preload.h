#pragma once

#include <cstdint>
#include <memory>

#include <arrow/result.h>

#include "data/dataset.h"

namespace pinion::data {

// The same rows decoded and in memory, as messages that are ready to be sent to any
// client, and that decode without a copy. The file is not needed any more. num_bytes() is
// what they take.
//
// CapacityError if that is more than `max_bytes`; some of it was read by then.
arrow::Result<std::shared_ptr<Dataset>> Preload(const Dataset& dataset,
                                                int64_t max_bytes);

// Of the machine or of the container that the process runs in.
int64_t MemoryBytes();

}  // namespace pinion::data
