#include "engine/duckdb/row_copies.h"

#include <algorithm>
#include <cstring>

#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/extension_type.h>
#include <arrow/type_traits.h>

#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

// What a buffer has of each row, in bytes.
struct Slots {
  int64_t width = 0;
  // One more than there are rows: offsets.
  bool one_more = false;
};

// Those of the buffer after the validity bitmap; a width of 0 if there are none, or none
// that have to be aligned, or if there are arrays below.
Slots SlotsOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::EXTENSION:
      return SlotsOf(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return {.width = 16};
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return {.width = 4, .one_more = true};
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return {.width = 8, .one_more = true};
    case arrow::Type::BOOL:
      return {};
    default:
      return arrow::is_primitive(type.id()) || arrow::is_decimal(type.id())
                 ? Slots{.width = type.bit_width() / 8}
                 : Slots{};
  }
}

bool IsAligned(const arrow::Buffer& buffer, int64_t width) {
  return static_cast<int64_t>(buffer.address()) % std::min<int64_t>(width, 8) == 0;
}

// The rows with a buffer of their own, still to be filled, for `width` bytes of each.
arrow::Result<std::shared_ptr<arrow::ArrayData>> WithOwnSlots(
    const arrow::ArrayData& rows, int64_t width, int64_t slots) {
  auto data = rows.Copy();
  // The rest of the offset stays, for the bitmap: that is of bits.
  data->offset = rows.offset % 8;
  if (data->buffers[0] != nullptr) {
    data->buffers[0] = arrow::SliceBuffer(data->buffers[0], rows.offset / 8);
  }
  ARROW_ASSIGN_OR_RAISE(data->buffers[1],
                        arrow::AllocateBuffer((data->offset + slots) * width));
  std::memset(data->buffers[1]->mutable_data(), 0,
              static_cast<size_t>(data->offset * width));
  return data;
}

struct WideDecimal {
  int64_t low;
  int64_t high;
};

// False if there is no room for the value.
template <typename Narrow>
bool NarrowDecimal(const uint8_t* values, int64_t row, Narrow* narrow) {
  WideDecimal wide;
  std::memcpy(&wide, values + row * static_cast<int64_t>(sizeof(wide)), sizeof(wide));
  narrow[row] = static_cast<Narrow>(wide.low);
  return wide.low == narrow[row] && wide.high == wide.low >> 63;
}

template <typename Narrow>
arrow::Result<std::shared_ptr<arrow::Array>> NarrowDecimals(
    const arrow::Array& rows, const std::shared_ptr<arrow::DataType>& to) {
  const auto& from = *rows.data();
  ARROW_ASSIGN_OR_RAISE(auto data, WithOwnSlots(from, sizeof(Narrow), from.length));
  const uint8_t* values =
      from.buffers[1]->data() + from.offset * int64_t{sizeof(WideDecimal)};
  auto* narrow = data->buffers[1]->mutable_data_as<Narrow>() + data->offset;
  bool all_fit = true;
  for (int64_t row = 0; row < from.length; ++row) {
    all_fit &= NarrowDecimal(values, row, narrow);
  }
  for (int64_t row = 0; !all_fit && row < from.length; ++row) {
    // Whatever lies under a NULL is nobody's concern.
    if (rows.IsNull(row) || NarrowDecimal(values, row, narrow)) continue;
    return MakeError(ErrorClass::kType, "a value of type " + rows.type()->ToString() +
                                            " has more digits than its type");
  }
  data->type = to;
  return arrow::MakeArray(data);
}

bool IsNarrowed(const arrow::DataType& from, const arrow::DataType& to) {
  return from.id() == arrow::Type::DECIMAL128 && to.id() != from.id();
}

}  // namespace

bool CanCopyRows(const arrow::DataType& from, const arrow::DataType& to) {
  return IsNarrowed(from, to) || (SlotsOf(from).width > 1 && from.Equals(to));
}

bool NeedsRowCopies(const arrow::Array& column, const arrow::DataType& to) {
  const auto& from = *column.type();
  return CanCopyRows(from, to) && column.length() > 0 &&
         (IsNarrowed(from, to) ||
          !IsAligned(*column.data()->buffers[1], SlotsOf(from).width));
}

arrow::Result<std::shared_ptr<arrow::Array>> CopyRows(
    const arrow::Array& rows, const std::shared_ptr<arrow::DataType>& to) {
  if (IsNarrowed(*rows.type(), *to)) {
    return to->id() == arrow::Type::DECIMAL64 ? NarrowDecimals<int64_t>(rows, to)
                                              : NarrowDecimals<int32_t>(rows, to);
  }
  const auto& from = *rows.data();
  const auto [width, one_more] = SlotsOf(*rows.type());
  const int64_t slots = from.length + (one_more ? 1 : 0);
  ARROW_ASSIGN_OR_RAISE(auto data, WithOwnSlots(from, width, slots));
  std::memcpy(data->buffers[1]->mutable_data() + data->offset * width,
              from.buffers[1]->data() + from.offset * width,
              static_cast<size_t>(slots * width));
  return arrow::MakeArray(data);
}

}  // namespace pinion::engine::duck
