#include "data/value_check.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>
#include <arrow/util/utf8.h>

namespace pinion::data {
namespace {

static_assert(std::endian::native == std::endian::little);

// Of each byte of a word, what is set in none that is ASCII.
constexpr uint64_t kBeyondAscii = 0x8080808080808080;

template <typename Value>
Value Load(const uint8_t* values, int64_t index) {
  Value value;
  std::memcpy(&value, values + index * static_cast<int64_t>(sizeof(Value)),
              sizeof(Value));
  return value;
}

bool IsAscii(const uint8_t* bytes, int64_t size) {
  uint8_t all = 0;
  for (int64_t i = 0; i < size; ++i) all |= bytes[i];
  return all < 0x80;
}

// As Arrow has it.
bool IsText(const uint8_t* bytes, int64_t size) {
  arrow::util::InitializeUTF8();
  return arrow::util::ValidateUTF8(bytes, size);
}

bool BeginsCharacter(uint8_t byte) { return (byte & 0xc0) != 0x80; }

// Valid if all of it is and no value begins in the middle of a character.
template <typename Offset>
bool IsValidText(const arrow::ArrayData& data) {
  if (data.length == 0) return false;
  const uint8_t* offsets =
      data.buffers[1]->data() + data.offset * static_cast<int64_t>(sizeof(Offset));
  const int64_t first = Load<Offset>(offsets, 0);
  const int64_t last = Load<Offset>(offsets, data.length);
  if (first < 0 || last > data.buffers[2]->size()) return false;
  bool ascending = true;
  for (int64_t i = 0; i < data.length; ++i) {
    ascending &= Load<Offset>(offsets, i) <= Load<Offset>(offsets, i + 1);
  }
  if (!ascending) return false;
  const uint8_t* text = data.buffers[2]->data();
  if (IsAscii(text + first, last - first)) return true;
  if (!IsText(text + first, last - first)) return false;
  bool whole = true;
  for (int64_t i = 0; i < data.length; ++i) {
    const int64_t begin = Load<Offset>(offsets, i);
    whole &= begin == last || BeginsCharacter(text[begin]);
  }
  return whole;
}

// A view as two words: the size and the first four bytes; the rest of the bytes, or which
// buffer has all of them and where.
struct View {
  uint64_t low;
  uint64_t high;

  int32_t size() const { return static_cast<int32_t>(low); }
  int32_t buffer() const { return static_cast<int32_t>(high); }
  int32_t offset() const { return static_cast<int32_t>(high >> 32); }
};

constexpr int32_t kMostInline = 12;

// The bits that an inline view of each size leaves zero.
constexpr auto kPadding = [] {
  std::array<View, kMostInline + 1> padding = {};
  constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();
  for (int size = 0; size <= kMostInline; ++size) {
    padding[size].low = size < 4 ? kAll << (32 + 8 * size) : 0;
    padding[size].high = size <= 4            ? kAll
                         : size < kMostInline ? kAll << (8 * (size - 4))
                                              : 0;
  }
  return padding;
}();

bool IsValidInline(const View& view, bool is_text) {
  const View& padding = kPadding[view.size()];
  if (((view.low & padding.low) | (view.high & padding.high)) != 0) return false;
  if (!is_text || (((view.low >> 32) | view.high) & kBeyondAscii) == 0) return true;
  return IsText(reinterpret_cast<const uint8_t*>(&view) + 4, view.size());
}

bool IsValidReference(const View& view, const arrow::ArrayData& data, bool is_text) {
  constexpr size_t kFirstBuffer = 2;
  if (view.size() < 0 || view.buffer() < 0 || view.offset() < 0) return false;
  const size_t place = kFirstBuffer + static_cast<size_t>(view.buffer());
  if (place >= data.buffers.size() || data.buffers[place] == nullptr) return false;
  const arrow::Buffer& buffer = *data.buffers[place];
  if (int64_t{view.offset()} + view.size() > buffer.size()) return false;
  const uint8_t* bytes = buffer.data() + view.offset();
  if (Load<uint32_t>(bytes, 0) != static_cast<uint32_t>(view.low >> 32)) return false;
  if (!is_text) return true;
  // By words, the last of which overlaps the one before: there are more than twelve
  // bytes.
  uint64_t all = Load<uint64_t>(bytes + view.size() - sizeof(uint64_t), 0);
  for (int64_t i = 0; i < view.size() / int64_t{sizeof(uint64_t)}; ++i) {
    all |= Load<uint64_t>(bytes, i);
  }
  return (all & kBeyondAscii) == 0 || IsText(bytes, view.size());
}

bool AreValidViews(const arrow::ArrayData& data, bool is_text) {
  const uint8_t* views = data.buffers[1]->data() + data.offset * int64_t{sizeof(View)};
  for (int64_t i = 0; i < data.length; ++i) {
    const auto view = Load<View>(views, i);
    const bool valid = static_cast<uint32_t>(view.size()) <= kMostInline
                           ? IsValidInline(view, is_text)
                           : IsValidReference(view, data, is_text);
    if (!valid) return false;
  }
  return true;
}

// Those that fit into a word and their precision.
bool AreShortDecimals(const arrow::ArrayData& data) {
  constexpr int kMostDigits = 18;  // of any value of a word
  const int precision = static_cast<const arrow::DecimalType&>(*data.type).precision();
  int64_t most = std::numeric_limits<int64_t>::max();
  if (precision <= kMostDigits) {
    most = 1;
    for (int digit = 0; digit < precision; ++digit) most *= 10;
    --most;
  }
  struct Halves {
    int64_t low;
    int64_t high;
  };
  const uint8_t* values = data.buffers[1]->data() + data.offset * int64_t{sizeof(Halves)};
  bool fit = true;
  for (int64_t i = 0; i < data.length; ++i) {
    const auto value = Load<Halves>(values, i);
    fit &= (value.high == value.low >> 63) & (value.low <= most) & (value.low >= -most);
  }
  return fit;
}

bool NullsAreCounted(const arrow::ArrayData& data) {
  const int64_t count = data.null_count;
  if (count == arrow::kUnknownNullCount) return true;
  if (data.buffers[0] == nullptr) return count == 0;
  return count == data.length - arrow::internal::CountSetBits(data.buffers[0]->data(),
                                                              data.offset, data.length);
}

// False also where ValidateFull may find nothing wrong: it does not look at what lies
// under a NULL. The structure of the array is valid.
bool IsSurelyValid(const arrow::ArrayData& data) {
  if (!NullsAreCounted(data)) return false;
  for (size_t i = 1; i < data.buffers.size(); ++i) {
    if (data.buffers[i] == nullptr || data.buffers[i]->data() == nullptr) return false;
  }
  switch (data.type->id()) {
    case arrow::Type::STRING:
      return IsValidText<int32_t>(data);
    case arrow::Type::LARGE_STRING:
      return IsValidText<int64_t>(data);
    case arrow::Type::STRING_VIEW:
      return AreValidViews(data, /*is_text=*/true);
    case arrow::Type::BINARY_VIEW:
      return AreValidViews(data, /*is_text=*/false);
    case arrow::Type::DECIMAL128:
      return AreShortDecimals(data);
    default:
      return false;
  }
}

}  // namespace

arrow::Status CheckValues(const arrow::Array& array) {
  ARROW_RETURN_NOT_OK(array.Validate());
  return IsSurelyValid(*array.data()) ? arrow::Status::OK() : array.ValidateFull();
}

arrow::Status CheckValues(const arrow::RecordBatch& batch) {
  ARROW_RETURN_NOT_OK(batch.Validate());
  for (const auto& column : batch.columns()) {
    if (IsSurelyValid(*column->data()) || column->ValidateFull().ok()) continue;
    return batch.ValidateFull();  // which says what column it is
  }
  return arrow::Status::OK();
}

}  // namespace pinion::data
