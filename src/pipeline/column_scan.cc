#include "pipeline/column_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include <arrow/array/array_decimal.h>
#include <arrow/array/array_dict.h>
#include <arrow/compute/api.h>
#include <arrow/util/bit_util.h>

namespace pinion::pipeline {

namespace {

constexpr int64_t kBlock = 1024;

// Calls `use(values, count)` for blocks of the values that are not null.
template <typename Physical, typename Use>
void ForEachBlock(const arrow::Array& array, Use use) {
  const auto* values = array.data()->GetValues<Physical>(1);
  const uint8_t* valid = array.null_count() > 0 ? array.null_bitmap_data() : nullptr;
  std::array<Physical, kBlock> dense;
  for (int64_t from = 0; from < array.length(); from += kBlock) {
    const int64_t count = std::min(kBlock, array.length() - from);
    if (valid == nullptr) {
      use(values + from, count);
      continue;
    }
    int64_t kept = 0;
    for (int64_t i = from; i < from + count; ++i) {
      dense[static_cast<size_t>(kept)] = values[i];
      kept += arrow::bit_util::GetBit(valid, array.offset() + i) ? 1 : 0;
    }
    if (kept > 0) use(dense.data(), kept);
  }
}

template <typename Physical>
uint64_t HashBits(Physical value) {
  if constexpr (std::is_same_v<Physical, float>) {
    return HashOf(uint64_t{std::bit_cast<uint32_t>(value == 0 ? 0.0F : value)});
  } else if constexpr (std::is_same_v<Physical, double>) {
    return HashOf(std::bit_cast<uint64_t>(value == 0 ? 0.0 : value));
  } else {
    return HashOf(static_cast<uint64_t>(value));
  }
}

template <typename Physical>
Moments MomentsOf(const Physical* values, int64_t count) {
  // Four sums at a time: a single one would wait for each addition.
  std::array<double, 4> sums{};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (size_t k = 0; k < 4; ++k) {
      sums[k] += static_cast<double>(values[i + static_cast<int64_t>(k)]);
    }
  }
  for (; i < count; ++i) sums[0] += static_cast<double>(values[i]);
  const double mean =
      (sums[0] + sums[1] + sums[2] + sums[3]) / static_cast<double>(count);
  std::array<double, 4> squares{};
  for (i = 0; i + 4 <= count; i += 4) {
    for (size_t k = 0; k < 4; ++k) {
      const double distance =
          static_cast<double>(values[i + static_cast<int64_t>(k)]) - mean;
      squares[k] += distance * distance;
    }
  }
  for (; i < count; ++i) {
    const double distance = static_cast<double>(values[i]) - mean;
    squares[0] += distance * distance;
  }
  return {count, mean, squares[0] + squares[1] + squares[2] + squares[3]};
}

// The end of the buffer that all texts of a column lie in, where they lie in one.
template <typename ArrayType>
const char* EndOfTexts(const ArrayType& array) {
  if constexpr (requires { array.value_data(); }) {
    const auto& data = array.value_data();
    if (data != nullptr)
      return reinterpret_cast<const char*>(data->data()) + data->size();
  }
  return nullptr;
}

}  // namespace

template <typename Physical, typename Wide>
void ColumnScan::Numbers(const arrow::Array& array, bool moments) {
  if (array.null_count() == array.length()) return;
  DistinctSketch& sketch = stats_.sketch_.emplace();
  Moments all;
  bool seen = false;
  Physical least{};
  Physical most{};
  ForEachBlock<Physical>(array, [&](const Physical* values, int64_t count) {
    for (int64_t i = 0; i < count; ++i) sketch.Add(HashBits(values[i]));
    if (moments) all.Merge(MomentsOf(values, count));
    for (int64_t i = 0; i < count; ++i) {
      if constexpr (std::is_floating_point_v<Physical>) {
        if (std::isnan(values[i])) continue;
      }
      if (!seen) {
        least = most = values[i];
        seen = true;
      }
      least = std::min(least, values[i]);
      most = std::max(most, values[i]);
    }
  });
  if constexpr (std::is_floating_point_v<Physical>) {
    if (!seen) least = most = std::numeric_limits<Physical>::quiet_NaN();
  }
  stats_.min_ = static_cast<Wide>(least);
  stats_.max_ = static_cast<Wide>(most);
  if (moments) stats_.moments_ = all;
}

void ColumnScan::Booleans(const arrow::Array& array) {
  const auto& booleans = static_cast<const arrow::BooleanArray&>(array);
  const int64_t trues = booleans.true_count();
  const int64_t falses = booleans.false_count();
  if (trues + falses == 0) return;
  stats_.min_ = falses == 0;
  stats_.max_ = trues > 0;
  DistinctSketch& sketch = stats_.sketch_.emplace();
  if (trues > 0) sketch.Add(HashOf(uint64_t{1}));
  if (falses > 0) sketch.Add(HashOf(uint64_t{0}));
  const auto count = static_cast<double>(trues + falses);
  const double mean = static_cast<double>(trues) / count;
  stats_.moments_ = {trues + falses, mean, count * mean * (1 - mean)};
}

template <typename ArrayType>
void ColumnScan::Strings(const ArrayType& array) {
  if (array.null_count() == array.length()) return;
  DistinctSketch& sketch = stats_.sketch_.emplace();
  bool seen = false;
  std::string_view least;
  std::string_view most;
  uint64_t least_prefix = 0;
  uint64_t most_prefix = 0;
  const bool nulls = array.null_count() > 0;
  const char* const end_of_all = EndOfTexts(array);
  for (int64_t i = 0; i < array.length(); ++i) {
    if (nulls && array.IsNull(i)) continue;
    const std::string_view text = array.GetView(i);
    const char* const end =
        end_of_all != nullptr ? end_of_all : text.data() + text.size();
    sketch.Add(HashOf(text, end));
    // The first bytes as a number that orders as they do.
    const uint64_t prefix = __builtin_bswap64(FirstWord(text.data(), text.size(), end));
    if (!seen) {
      least = most = text;
      least_prefix = most_prefix = prefix;
      seen = true;
      continue;
    }
    if (prefix <= least_prefix && (prefix < least_prefix || text < least)) {
      least = text;
      least_prefix = prefix;
    }
    if (prefix >= most_prefix && (prefix > most_prefix || text > most)) {
      most = text;
      most_prefix = prefix;
    }
  }
  stats_.min_ = std::string(least);
  stats_.max_ = std::string(most);
}

arrow::Status ColumnScan::Decimals(const arrow::Array& array) {
  if (array.null_count() == array.length()) return arrow::Status::OK();
  const auto& type = static_cast<const arrow::DecimalType&>(*array.type());
  ARROW_ASSIGN_OR_RAISE(
      auto wide,
      arrow::compute::Cast(
          array, arrow::decimal256(arrow::Decimal256Type::kMaxPrecision, type.scale())));
  const auto& decimals = static_cast<const arrow::Decimal256Array&>(*wide);
  DistinctSketch& sketch = stats_.sketch_.emplace();
  Moments& moments = stats_.moments_.emplace();
  std::optional<arrow::Decimal256> least;
  std::optional<arrow::Decimal256> most;
  for (int64_t i = 0; i < decimals.length(); ++i) {
    if (decimals.IsNull(i)) continue;
    const arrow::Decimal256 value(decimals.GetValue(i));
    const double number = value.ToDouble(type.scale());
    moments.Merge({1, number, 0});
    sketch.Add(HashOf(decimals.GetView(i)));
    if (!least || value < *least) least = value;
    if (!most || *most < value) most = value;
  }
  stats_.min_ = *least;
  stats_.max_ = *most;
  return arrow::Status::OK();
}

arrow::Status ColumnScan::Dictionary(const arrow::Array& array) {
  const auto& type = static_cast<const arrow::DictionaryType&>(*array.type());
  ARROW_ASSIGN_OR_RAISE(auto decoded, arrow::compute::Cast(array, type.value_type()));
  return Scan(*decoded);
}

arrow::Status ColumnScan::Scan(const arrow::Array& array) {
  stats_.nulls_ = array.null_count();
  stats_.count_ = array.length() - array.null_count();
  using arrow::Type;
  switch (array.type_id()) {
    case Type::NA:
      stats_.nulls_ = array.length();
      stats_.count_ = 0;
      break;
    case Type::BOOL:
      Booleans(array);
      break;
    case Type::INT8:
      Numbers<int8_t, int64_t>(array, true);
      break;
    case Type::INT16:
      Numbers<int16_t, int64_t>(array, true);
      break;
    case Type::INT32:
      Numbers<int32_t, int64_t>(array, true);
      break;
    case Type::INT64:
      Numbers<int64_t, int64_t>(array, true);
      break;
    case Type::UINT8:
      Numbers<uint8_t, uint64_t>(array, true);
      break;
    case Type::UINT16:
      Numbers<uint16_t, uint64_t>(array, true);
      break;
    case Type::UINT32:
      Numbers<uint32_t, uint64_t>(array, true);
      break;
    case Type::UINT64:
      Numbers<uint64_t, uint64_t>(array, true);
      break;
    case Type::FLOAT:
      Numbers<float, double>(array, true);
      break;
    case Type::DOUBLE:
      Numbers<double, double>(array, true);
      break;
    case Type::DATE32:
    case Type::TIME32:
      Numbers<int32_t, int64_t>(array, false);
      break;
    case Type::DATE64:
    case Type::TIME64:
    case Type::TIMESTAMP:
    case Type::DURATION:
      Numbers<int64_t, int64_t>(array, false);
      break;
    case Type::STRING:
    case Type::BINARY:
      Strings(static_cast<const arrow::BinaryArray&>(array));
      break;
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY:
      Strings(static_cast<const arrow::LargeBinaryArray&>(array));
      break;
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      Strings(static_cast<const arrow::BinaryViewArray&>(array));
      break;
    case Type::FIXED_SIZE_BINARY:
      Strings(static_cast<const arrow::FixedSizeBinaryArray&>(array));
      break;
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
      return Decimals(array);
    case Type::DICTIONARY:
      return Dictionary(array);
    case Type::EXTENSION:
      return Scan(*static_cast<const arrow::ExtensionArray&>(array).storage());
    default:
      break;  // lists, maps, unions: nothing but how many
  }
  return arrow::Status::OK();
}

}  // namespace pinion::pipeline
