#pragma once

#include <arrow/type.h>

namespace pinion::data {

// Whether a slice of such a column is written, or sent, with the values of other rows
// too: they are where an offset says, and not in the order of the rows.
bool SharesValues(const arrow::DataType& type);

}  // namespace pinion::data
