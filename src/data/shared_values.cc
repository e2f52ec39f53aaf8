#include "data/shared_values.h"

#include <algorithm>

namespace pinion::data {

bool SharesValues(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::DENSE_UNION:
      return true;
    default:
      return std::ranges::any_of(
          type.fields(), [](const auto& field) { return SharesValues(*field->type()); });
  }
}

}  // namespace pinion::data
