#include "engine/duckdb/column_writer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include <arrow/array.h>
#include <arrow/c/bridge.h>
#include <arrow/util/bit_util.h>
#include <duckdb/common/arrow/arrow_appender.hpp>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/hugeint.hpp>
#include <duckdb/common/types/string_type.hpp>
#include <duckdb/common/vector/array_vector.hpp>
#include <duckdb/common/vector/list_vector.hpp>
#include <duckdb/common/vector/struct_vector.hpp>
#include <duckdb/main/client_properties.hpp>

#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/growing_buffer.h"
#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

using duckdb::idx_t;
using duckdb::PhysicalType;
using duckdb::string_t;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;
using Pool = std::shared_ptr<base::RecyclingPool>;

// Which rows of a column have a value; no bitmap as long as all have.
class ValidityWriter {
 public:
  explicit ValidityWriter(const Pool& pool) : bits_(pool) {}

  void Append(const UnifiedVectorFormat& format, idx_t from, idx_t to) {
    int64_t nulls = 0;
    if (format.validity.CanHaveNull()) {
      for (auto i = from; i < to; ++i) {
        nulls += format.validity.RowIsValid(format.sel->get_index(i)) ? 0 : 1;
      }
    }
    const int64_t end = rows_ + static_cast<int64_t>(to - from);
    if (null_count_ + nulls > 0) {
      const int64_t more = arrow::bit_util::BytesForBits(end) - bits_.size();
      std::memset(bits_.Append(more), 0xFF, static_cast<size_t>(more));
    }
    for (auto i = from; nulls > 0 && i < to; ++i) {
      if (format.validity.RowIsValid(format.sel->get_index(i))) continue;
      arrow::bit_util::ClearBit(bits_.data(), rows_ + static_cast<int64_t>(i - from));
    }
    null_count_ += nulls;
    rows_ = end;
  }

  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bits_.size(); }

  // The array of these rows with those buffers.
  std::shared_ptr<arrow::ArrayData> Finish(
      const std::shared_ptr<arrow::DataType>& type,
      std::vector<std::shared_ptr<arrow::Buffer>> buffers) {
    const auto nulls = std::exchange(null_count_, 0);
    buffers.insert(buffers.begin(), nulls > 0 ? bits_.Finish() : nullptr);
    return arrow::ArrayData::Make(type, std::exchange(rows_, 0), std::move(buffers),
                                  nulls);
  }

 private:
  GrowingBuffer bits_;
  int64_t rows_ = 0;
  int64_t null_count_ = 0;
};

// Calls `put` with each value of the rows [from, to), and with a zero for each null: what
// lies in a null's place must not leave the server.
template <typename Value, typename Put>
void ForEachValue(const UnifiedVectorFormat& format, idx_t from, idx_t to, Put put) {
  const auto* values = UnifiedVectorFormat::GetDataUnsafe<Value>(format);
  if (format.validity.CanHaveNull()) {
    for (auto i = from; i < to; ++i) {
      const auto at = format.sel->get_index(i);
      put(format.validity.RowIsValid(at) ? values[at] : Value{});
    }
  } else if (format.sel->IsSet()) {
    for (auto i = from; i < to; ++i) put(values[format.sel->get_index(i)]);
  } else {
    for (auto i = from; i < to; ++i) put(values[i]);
  }
}

// What the characters of the rows [from, to) take.
int64_t TextBytes(const UnifiedVectorFormat& format, idx_t from, idx_t to) {
  int64_t bytes = 0;
  ForEachValue<string_t>(format, from, to,
                         [&](const string_t& value) { bytes += value.GetSize(); });
  return bytes;
}

// Values of a fixed width, each of which becomes a Target.
template <typename Source, typename Target>
class FixedWidthWriter final : public ColumnWriter {
 public:
  FixedWidthWriter(std::shared_ptr<arrow::DataType> type, const Pool& pool)
      : type_(std::move(type)), validity_(pool), values_(pool) {}

  int64_t EstimateBytes(const Vector&, idx_t count) const override {
    return static_cast<int64_t>(count * sizeof(Target));
  }

  void Append(const Vector& values, idx_t from, idx_t to, idx_t) override {
    UnifiedVectorFormat format;
    values.ToUnifiedFormat(format);
    validity_.Append(format, from, to);
    auto* out = reinterpret_cast<Target*>(
        values_.Append(static_cast<int64_t>((to - from) * sizeof(Target))));
    ForEachValue<Source>(format, from, to,
                         [&](Source value) { *out++ = static_cast<Target>(value); });
  }

  int64_t bytes() const override { return values_.size() + validity_.bytes(); }

  std::shared_ptr<arrow::ArrayData> Finish() override {
    return validity_.Finish(type_, {values_.Finish()});
  }

 private:
  const std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  GrowingBuffer values_;
};

class BooleanWriter final : public ColumnWriter {
 public:
  explicit BooleanWriter(const Pool& pool) : validity_(pool), bits_(pool) {}

  int64_t EstimateBytes(const Vector&, idx_t count) const override {
    return static_cast<int64_t>(count / 8 + 1);
  }

  void Append(const Vector& values, idx_t from, idx_t to, idx_t) override {
    UnifiedVectorFormat format;
    values.ToUnifiedFormat(format);
    int64_t row = validity_.rows();
    validity_.Append(format, from, to);
    bits_.Append(arrow::bit_util::BytesForBits(validity_.rows()) - bits_.size());
    ForEachValue<bool>(format, from, to, [&](bool value) {
      // The rest of a byte that is begun is cleared with it.
      if (row % 8 == 0) bits_.data()[row / 8] = 0;
      if (value) arrow::bit_util::SetBit(bits_.data(), row);
      ++row;
    });
  }

  int64_t bytes() const override { return bits_.size() + validity_.bytes(); }

  std::shared_ptr<arrow::ArrayData> Finish() override {
    return validity_.Finish(arrow::boolean(), {bits_.Finish()});
  }

 private:
  ValidityWriter validity_;
  GrowingBuffer bits_;
};

// Text and bytes, with offsets of 32 bits.
class StringWriter final : public ColumnWriter {
 public:
  StringWriter(std::shared_ptr<arrow::DataType> type, const Pool& pool)
      : type_(std::move(type)), validity_(pool), offsets_(pool), characters_(pool) {}

  int64_t EstimateBytes(const Vector& values, idx_t count) const override {
    UnifiedVectorFormat format;
    values.ToUnifiedFormat(format);
    return TextBytes(format, 0, count) + static_cast<int64_t>(count * sizeof(int32_t));
  }

  void Append(const Vector& values, idx_t from, idx_t to, idx_t) override {
    UnifiedVectorFormat format;
    values.ToUnifiedFormat(format);
    const int64_t more = TextBytes(format, from, to);
    if (characters_.size() + more > std::numeric_limits<int32_t>::max()) {
      Throw(MakeError(ErrorClass::kLimit,
                      "a text or blob of 2 GiB or more cannot be sent: take parts of it, "
                      "as with substring"));
    }
    validity_.Append(format, from, to);
    auto offset = static_cast<int32_t>(characters_.size());
    if (offsets_.size() == 0) AppendOffsets(1)[0] = 0;
    auto* offsets = AppendOffsets(to - from);
    auto* out = characters_.Append(more);
    ForEachValue<string_t>(format, from, to, [&](const string_t& value) {
      const auto size = value.GetSize();
      if (size <= string_t::INLINE_LENGTH) {
        // Copying a constant size is quicker; the rest is written over.
        static_assert(string_t::INLINE_LENGTH <= GrowingBuffer::kSlack);
        std::memcpy(out, value.GetPrefix(), string_t::INLINE_LENGTH);
      } else {
        std::memcpy(out, value.GetPointer(), size);
      }
      out += size;
      offset += static_cast<int32_t>(size);
      *offsets++ = offset;
    });
  }

  int64_t bytes() const override {
    return offsets_.size() + characters_.size() + validity_.bytes();
  }

  std::shared_ptr<arrow::ArrayData> Finish() override {
    return validity_.Finish(type_, {offsets_.Finish(), characters_.Finish()});
  }

 private:
  int32_t* AppendOffsets(idx_t count) {
    return reinterpret_cast<int32_t*>(
        offsets_.Append(static_cast<int64_t>(count * sizeof(int32_t))));
  }

  const std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  GrowingBuffer offsets_;
  GrowingBuffer characters_;
};

// All other types, by DuckDB's appender.
class AppenderWriter final : public ColumnWriter {
 public:
  AppenderWriter(duckdb::LogicalType type, std::shared_ptr<arrow::DataType> arrow_type)
      : types_{std::move(type)}, arrow_type_(std::move(arrow_type)) {
    column_.InitializeEmpty(types_);
  }

  int64_t EstimateBytes(const Vector& values, idx_t count) const override {
    return EstimateNested(values, count);
  }

  void Append(const Vector& values, idx_t from, idx_t to, idx_t count) override {
    if (appender_ == nullptr) {
      appender_ = std::make_unique<duckdb::ArrowAppender>(
          types_, expected_rows_, duckdb::ClientProperties(),
          duckdb::unordered_map<
              idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>());
    }
    column_.data[0].Reference(values);
    column_.SetCardinalityUnsafe(count);
    appender_->Append(column_, from, to, count);
  }

  int64_t bytes() const override {
    return appender_ == nullptr ? 0 : static_cast<int64_t>(appender_->ByteSize());
  }

  std::shared_ptr<arrow::ArrayData> Finish() override {
    expected_rows_ = std::max<idx_t>(appender_->RowCount(), STANDARD_VECTOR_SIZE);
    ArrowArray array = appender_->Finalize();
    appender_.reset();
    auto columns =
        arrow::ImportArray(&array, arrow::struct_({arrow::field("", arrow_type_)}));
    if (!columns.ok()) Throw(columns.status());
    return (*columns)->data()->child_data[0];
  }

 private:
  static int64_t EstimateNested(const Vector& values, idx_t count) {
    const auto& type = values.GetType();
    const auto internal = type.InternalType();
    if (internal == PhysicalType::VARCHAR) {
      UnifiedVectorFormat format;
      values.ToUnifiedFormat(format);
      return TextBytes(format, 0, count) + 4 * static_cast<int64_t>(count);
    }
    const bool nested = internal == PhysicalType::LIST ||
                        internal == PhysicalType::ARRAY ||
                        internal == PhysicalType::STRUCT;
    if (!nested) return static_cast<int64_t>(duckdb::GetTypeIdSize(internal) * count);
    if (values.GetVectorType() != duckdb::VectorType::FLAT_VECTOR) {
      return 16 * static_cast<int64_t>(count);
    }
    if (internal == PhysicalType::LIST) {
      return 4 * static_cast<int64_t>(count) +
             EstimateNested(duckdb::ListVector::GetChild(values),
                            duckdb::ListVector::GetListSize(values));
    }
    if (internal == PhysicalType::ARRAY) {
      return EstimateNested(duckdb::ArrayVector::GetChild(values),
                            count * duckdb::ArrayType::GetSize(type));
    }
    int64_t bytes = 0;
    for (const auto& child : duckdb::StructVector::GetEntries(values)) {
      bytes += EstimateNested(child, count);
    }
    return bytes;
  }

  const duckdb::vector<duckdb::LogicalType> types_;
  const std::shared_ptr<arrow::DataType> arrow_type_;
  duckdb::DataChunk column_;
  std::unique_ptr<duckdb::ArrowAppender> appender_;
  idx_t expected_rows_ = STANDARD_VECTOR_SIZE;
};

// A decimal as Arrow has it, of DuckDB's, which are as narrow as their digits allow.
using Decimal128 = __int128;

template <typename Source, typename Target = Source>
std::unique_ptr<ColumnWriter> Fixed(const std::shared_ptr<arrow::DataType>& type,
                                    const Pool& pool) {
  return std::make_unique<FixedWidthWriter<Source, Target>>(type, pool);
}

std::unique_ptr<ColumnWriter> MakeDecimalWriter(
    PhysicalType source, const std::shared_ptr<arrow::DataType>& type, const Pool& pool) {
  switch (source) {
    case PhysicalType::INT16:
      return Fixed<int16_t, Decimal128>(type, pool);
    case PhysicalType::INT32:
      return Fixed<int32_t, Decimal128>(type, pool);
    case PhysicalType::INT64:
      return Fixed<int64_t, Decimal128>(type, pool);
    default:
      return Fixed<duckdb::hugeint_t>(type, pool);
  }
}

}  // namespace

std::unique_ptr<ColumnWriter> MakeColumnWriter(
    const duckdb::LogicalType& type, const std::shared_ptr<arrow::DataType>& arrow_type,
    const Pool& pool) {
  const auto source = type.InternalType();
  switch (arrow_type->id()) {
    case arrow::Type::BOOL:
      return std::make_unique<BooleanWriter>(pool);
    case arrow::Type::DECIMAL128:
      return MakeDecimalWriter(source, arrow_type, pool);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return std::make_unique<StringWriter>(arrow_type, pool);
    case arrow::Type::INT8:
    case arrow::Type::UINT8:
      return Fixed<uint8_t>(arrow_type, pool);
    case arrow::Type::INT16:
    case arrow::Type::UINT16:
      return Fixed<uint16_t>(arrow_type, pool);
    case arrow::Type::INT32:
    case arrow::Type::UINT32:
    case arrow::Type::DATE32:
    case arrow::Type::FLOAT:
      return Fixed<uint32_t>(arrow_type, pool);
    case arrow::Type::INT64:
    case arrow::Type::UINT64:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::DOUBLE:
      return Fixed<uint64_t>(arrow_type, pool);
    default:
      return std::make_unique<AppenderWriter>(type, arrow_type);
  }
}

}  // namespace pinion::engine::duck
