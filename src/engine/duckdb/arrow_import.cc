#include "engine/duckdb/arrow_import.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/c/bridge.h>
#include <arrow/compute/api_vector.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/util/align_util.h>
#include <duckdb/common/vector/flat_vector.hpp>
#include <duckdb/function/table/arrow.hpp>
#include <duckdb/main/client_context.hpp>

#include "base/near_names.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/row_copies.h"
#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

// What a column is made into before DuckDB sees it: types that it does not know, but
// whose values fit into one that it does. Null where the column can stay as it is.
std::shared_ptr<arrow::DataType> Substitute(const arrow::DataType& type) {
  if (type.id() == arrow::Type::HALF_FLOAT) return arrow::float32();
  if (type.id() == arrow::Type::DECIMAL256) {
    const auto& decimal = static_cast<const arrow::DecimalType&>(type);
    if (decimal.precision() <= 38) {
      return arrow::decimal128(decimal.precision(), decimal.scale());
    }
  }
  if (type.id() == arrow::Type::DECIMAL128) {
    // As wide as DuckDB's vectors, which then point to the values.
    const auto& decimal = static_cast<const arrow::DecimalType&>(type);
    if (decimal.precision() > 18 || decimal.precision() < 5) return nullptr;
    return decimal.precision() > 9
               ? arrow::decimal64(decimal.precision(), decimal.scale())
               : arrow::decimal32(decimal.precision(), decimal.scale());
  }
  return nullptr;
}

// DuckDB reads past the end of dictionaries of nested values, and says that of itself:
// the database is lost to everybody then.
bool IsDictionaryOfNested(const arrow::DataType& type) {
  if (type.id() != arrow::Type::DICTIONARY) return false;
  const auto& values = *static_cast<const arrow::DictionaryType&>(type).value_type();
  return values.num_fields() > 0 || values.id() == arrow::Type::DICTIONARY;
}

// DuckDB takes the type codes of a union for the numbers of its members.
bool HasOddCodes(const arrow::DataType& type) {
  if (type.id() != arrow::Type::SPARSE_UNION) return false;
  const auto& codes = static_cast<const arrow::UnionType&>(type).type_codes();
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != static_cast<int8_t>(i)) return true;
  }
  return false;
}

// Types that DuckDB would take from the schema and fail to read.
arrow::Status CheckReadable(const arrow::DataType& type) {
  if (IsDictionaryOfNested(type)) {
    return arrow::Status::NotImplemented(
        "a dictionary of nested values inside of others");
  }
  if (HasOddCodes(type)) {
    return arrow::Status::NotImplemented(
        "a union inside of others whose type codes do not count from 0");
  }
  for (const auto& field : type.fields()) {
    ARROW_RETURN_NOT_OK(CheckReadable(*field->type()));
  }
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::Array>> WithPlainCodes(
    const arrow::Array& array, const std::shared_ptr<arrow::DataType>& to) {
  const auto& from = static_cast<const arrow::SparseUnionArray&>(array);
  auto data = array.data()->Copy();
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> codes,
                        arrow::AllocateBuffer(data->offset + data->length));
  const auto& numbers = from.union_type()->child_ids();
  for (int64_t i = 0; i < data->length; ++i) {
    codes->mutable_data()[data->offset + i] =
        static_cast<uint8_t>(numbers[from.type_code(i)]);
  }
  data->type = to;
  data->buffers[1] = std::move(codes);
  return arrow::MakeArray(data);
}

// DuckDB knows some extension types; of others it gets what they are stored as.
bool IsKnownExtension(const arrow::DataType& type) {
  const auto& name = static_cast<const arrow::ExtensionType&>(type).extension_name();
  return name == "arrow.uuid" || name == "arrow.json" || name == "arrow.bool8";
}

std::shared_ptr<arrow::DataType> ImportedType(const std::shared_ptr<arrow::DataType>& t) {
  if (t->id() == arrow::Type::EXTENSION && !IsKnownExtension(*t)) {
    return ImportedType(static_cast<const arrow::ExtensionType&>(*t).storage_type());
  }
  if (IsDictionaryOfNested(*t)) {
    return ImportedType(static_cast<const arrow::DictionaryType&>(*t).value_type());
  }
  if (HasOddCodes(*t)) return arrow::sparse_union(t->fields());
  auto substitute = Substitute(*t);
  return substitute ? substitute : t;
}

// The column as `type`, or one whose rows can be copied as that.
arrow::Result<std::shared_ptr<arrow::Array>> ImportedArray(
    std::shared_ptr<arrow::Array> array, const std::shared_ptr<arrow::DataType>& type) {
  while (array->type_id() == arrow::Type::EXTENSION && !array->type()->Equals(*type)) {
    array = static_cast<const arrow::ExtensionArray&>(*array).storage();
  }
  while (!array->type()->Equals(*type) && IsDictionaryOfNested(*array->type())) {
    const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*array);
    ARROW_ASSIGN_OR_RAISE(auto values, arrow::compute::Take(*dictionary.dictionary(),
                                                            *dictionary.indices()));
    array = std::move(values);
  }
  if (NeedsRowCopies(*array, *type)) return array;
  if (array->type()->Equals(*type)) return array;
  if (type->id() == arrow::Type::SPARSE_UNION) return WithPlainCodes(*array, type);
  return arrow::compute::Cast(*array, type);
}

// Writes a text that a vector holds by itself: so many bytes of the twelve at `from`. In
// two whole words, as whoever reads smaller writes at once has to wait for them.
void WriteShortText(const char* from, uint32_t bytes, duckdb::string_t* to) {
  static_assert(std::endian::native == std::endian::little &&
                sizeof(duckdb::string_t) == 2 * sizeof(uint64_t));
  uint64_t low = 0;
  uint32_t high = 0;
  std::memcpy(&low, from, sizeof(low));
  std::memcpy(&high, from + sizeof(low), sizeof(high));
  // All bits but those of `bytes`, of the first eight and of the rest.
  low &= bytes >= 8 ? ~uint64_t{0} : ~(~uint64_t{0} << (8 * bytes));
  const uint64_t rest = bytes <= 8 ? 0 : high & ~(~uint64_t{0} << (8 * (bytes - 8)));
  const uint64_t words[] = {bytes | low << 32, low >> 32 | rest << 32};
  std::memcpy(static_cast<void*>(to), words, sizeof(words));
}

// Texts as the vector has them, which point to the array where they are long. DuckDB's
// own way copies short ones byte by byte: a quarter of a query that reads little else.
void ReadTexts(const ArrowArray& array, int64_t first, int64_t count,
               duckdb::Vector& vector) {
  const auto* all = static_cast<const int32_t*>(array.buffers[1]) + array.offset;
  const auto* values = static_cast<const char*>(array.buffers[2]);
  const auto* offsets = all + first;
  const int64_t end = int64_t{all[array.length]} - duckdb::string_t::INLINE_BYTES;
  auto* texts = duckdb::FlatVector::GetDataMutable<duckdb::string_t>(vector);
  for (int64_t i = 0; i < count; ++i) {
    const auto bytes = static_cast<uint32_t>(offsets[i + 1] - offsets[i]);
    const char* text = values + offsets[i];
    if (bytes <= duckdb::string_t::INLINE_LENGTH && offsets[i] <= end) {
      WriteShortText(text, bytes, &texts[i]);
    } else {
      texts[i] = duckdb::string_t(text, bytes);
    }
  }
}

// Unique without regard to case, as DuckDB's columns must be.
std::vector<std::string> UniqueNames(const arrow::Schema& schema) {
  std::vector<std::string> names;
  duckdb::identifier_set_t taken;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const std::string base = schema.field(i)->name().empty() ? "v" + std::to_string(i)
                                                             : schema.field(i)->name();
    std::string name = base;
    for (int n = 1; !taken.insert(duckdb::Identifier(name)).second; ++n) {
      name = base + "_" + std::to_string(n);
    }
    names.push_back(std::move(name));
  }
  return names;
}

arrow::Status Unsupported(const arrow::Field& field, const arrow::Status& reason) {
  return MakeError(ErrorClass::kNotSupported,
                   "column " + base::QuoteForMessage(field.name()) + " has type " +
                       field.type()->ToString() + ", which SQL cannot read (" +
                       reason.message() + "); fetch the dataset without SQL instead");
}

}  // namespace

struct ArrowImport::Impl {
  std::shared_ptr<arrow::Schema> schema;    // as the batches come
  std::shared_ptr<arrow::Schema> imported;  // as DuckDB sees them
  std::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::arrow_column_map_t columns;
};

ArrowImport::ArrowImport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArrowImport::~ArrowImport() = default;

const duckdb::vector<duckdb::LogicalType>& ArrowImport::types() const {
  return impl_->types;
}
const std::vector<std::string>& ArrowImport::names() const { return impl_->names; }

arrow::Result<std::shared_ptr<const ArrowImport>> ArrowImport::Create(
    duckdb::ClientContext& context, std::shared_ptr<arrow::Schema> schema) {
  auto impl = std::make_unique<Impl>();
  arrow::FieldVector fields;
  for (const auto& field : schema->fields()) {
    fields.push_back(field->WithType(ImportedType(field->type())));
  }
  impl->imported = arrow::schema(std::move(fields));
  impl->names = UniqueNames(*schema);
  impl->schema = std::move(schema);
  // Field by field, so that an error can name its column.
  for (int i = 0; i < impl->imported->num_fields(); ++i) {
    const auto status = Guard([&]() -> arrow::Status {
      ARROW_RETURN_NOT_OK(CheckReadable(*impl->imported->field(i)->type()));
      duckdb::ArrowSchemaWrapper exported;
      ARROW_RETURN_NOT_OK(
          arrow::ExportField(*impl->imported->field(i), &exported.arrow_schema));
      auto type = duckdb::ArrowType::GetArrowLogicalType(context, exported.arrow_schema);
      type->ThrowIfInvalid();
      impl->types.push_back(type->GetDuckType(/*use_dictionary=*/true));
      impl->columns.emplace(i, std::move(type));
      return arrow::Status::OK();
    });
    if (!status.ok()) return Unsupported(*impl->schema->field(i), status);
  }
  return std::shared_ptr<const ArrowImport>(new ArrowImport(std::move(impl)));
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ArrowImport::Aligned(
    std::shared_ptr<arrow::RecordBatch> batch) const {
  for (int i = 0; i < batch->num_columns(); ++i) {
    if (CanCopyRows(*batch->column(i)->type(), *impl_->imported->field(i)->type())) {
      continue;
    }
    ARROW_ASSIGN_OR_RAISE(
        auto aligned,
        arrow::util::EnsureAlignment(batch->column(i), arrow::util::kValueAlignment,
                                     arrow::default_memory_pool()));
    ARROW_ASSIGN_OR_RAISE(batch, batch->SetColumn(i, batch->schema()->field(i), aligned));
  }
  return batch;
}

struct ArrowImport::Reader::Impl {
  Impl(duckdb::ClientContext& context, std::shared_ptr<const ArrowImport> import_in)
      : import(std::move(import_in)),
        state(duckdb::make_uniq<duckdb::ArrowArrayWrapper>(), context) {}

  // The column's field as DuckDB sees it.
  const std::shared_ptr<arrow::Field>& FieldOf(size_t column) const {
    return import->impl_->imported->field(static_cast<int>(state.column_ids[column]));
  }
  // Of those that DuckDB was given.
  int64_t RowsLeftOfPart() const {
    if (state.chunk->arrow_array.release == nullptr) return 0;
    return state.chunk->arrow_array.length - static_cast<int64_t>(state.chunk_offset);
  }
  // Gives DuckDB the rows that come next; false if there are no more.
  arrow::Result<bool> NextPart();
  // The next `count` rows of a column of the batch.
  void ReadColumn(duckdb::idx_t place, duckdb::idx_t count, duckdb::Vector& vector);

  const std::shared_ptr<const ArrowImport> import;
  duckdb::ArrowScanLocalState state;
  // Of the batch, and which of them have to be copied.
  arrow::ArrayVector columns;
  std::vector<bool> copied;
  int64_t rows = 0;
  int64_t rows_per_part = 0;
  int64_t next_row = 0;
};

void ArrowImport::Reader::Impl::ReadColumn(duckdb::idx_t place, duckdb::idx_t count,
                                           duckdb::Vector& vector) {
  using Conversion = duckdb::ArrowToDuckDBConversion;
  const auto column = state.column_ids[place];
  const auto& type = *import->impl_->columns.at(column);
  auto& array = *state.chunk->arrow_array.children[place];
  auto& of_column = state.GetState(column);
  // Keeps the batch while vectors point to it.
  if (!of_column.owned_data) of_column.owned_data = state.chunk;
  const auto first = state.chunk_offset;
  switch (type.GetPhysicalType()) {
    case duckdb::ArrowArrayPhysicalType::DICTIONARY_ENCODED:
      Conversion::ColumnArrowToDuckDBDictionary(vector, array, first, of_column, count,
                                                type);
      break;
    case duckdb::ArrowArrayPhysicalType::RUN_END_ENCODED:
      Conversion::ColumnArrowToDuckDBRunEndEncoded(vector, array, first, of_column, count,
                                                   type);
      break;
    case duckdb::ArrowArrayPhysicalType::DEFAULT:
      Conversion::SetValidityMask(vector, array, first, count, /*parent_offset=*/0, -1);
      if (FieldOf(place)->type()->id() == arrow::Type::STRING) {
        ReadTexts(array, static_cast<int64_t>(first), static_cast<int64_t>(count),
                  vector);
      } else {
        Conversion::ColumnArrowToDuckDB(vector, array, first, of_column, count, type);
      }
      break;
  }
  duckdb::FlatVector::SetSize(vector, duckdb::count_t(count));
}

ArrowImport::Reader::Reader(duckdb::ClientContext& context,
                            std::shared_ptr<const ArrowImport> import,
                            std::vector<duckdb::column_t> columns)
    : impl_(std::make_unique<Impl>(context, std::move(import))) {
  impl_->state.column_ids.assign(columns.begin(), columns.end());
}

ArrowImport::Reader::~Reader() = default;

arrow::Status ArrowImport::Reader::SetBatch(
    const std::shared_ptr<arrow::RecordBatch>& batch) {
  auto& [import, state, columns, copied, rows, rows_per_part, next_row] = *impl_;
  state.Reset();
  state.chunk = duckdb::make_shared_ptr<duckdb::ArrowArrayWrapper>();
  columns.clear();
  copied.clear();
  rows = rows_per_part = batch->num_rows();
  next_row = 0;
  for (const auto& column : batch->columns()) {
    const auto& type = impl_->FieldOf(columns.size())->type();
    ARROW_ASSIGN_OR_RAISE(auto array, ImportedArray(column, type));
    copied.push_back(NeedsRowCopies(*array, *type));
    columns.push_back(std::move(array));
    if (copied.back()) rows_per_part = kRowsPerCopy;
  }
  return arrow::Status::OK();
}

arrow::Result<bool> ArrowImport::Reader::Impl::NextPart() {
  const int64_t count = std::min(rows - next_row, rows_per_part);
  if (count == 0) return false;
  arrow::ArrayVector arrays;
  arrow::FieldVector fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    fields.push_back(FieldOf(i));
    auto part = columns[i]->Slice(next_row, count);
    if (copied[i]) {
      ARROW_ASSIGN_OR_RAISE(part, CopyRows(*part, fields.back()->type()));
    }
    arrays.push_back(std::move(part));
  }
  next_row += count;
  auto imported = arrow::RecordBatch::Make(arrow::schema(std::move(fields)), count,
                                           std::move(arrays));
  state.Reset();
  state.chunk = duckdb::make_shared_ptr<duckdb::ArrowArrayWrapper>();
  ARROW_RETURN_NOT_OK(arrow::ExportRecordBatch(*imported, &state.chunk->arrow_array));
  return true;
}

int64_t ArrowImport::Reader::Read(duckdb::DataChunk& output) {
  if (impl_->RowsLeftOfPart() == 0) {
    const auto any = impl_->NextPart();
    if (!any.ok()) Throw(any.status());
    if (!*any) return 0;
  }
  const auto left = static_cast<duckdb::idx_t>(impl_->RowsLeftOfPart());
  const auto count = std::min<duckdb::idx_t>(left, STANDARD_VECTOR_SIZE);
  output.SetChildCardinality(count);
  for (duckdb::idx_t i = 0; i < output.ColumnCount(); ++i) {
    impl_->ReadColumn(i, count, output.data[i]);
  }
  impl_->state.chunk_offset += count;
  return static_cast<int64_t>(count);
}

void ArrowImport::Reader::Skip(int64_t rows) {
  const int64_t of_part = std::min(rows, impl_->RowsLeftOfPart());
  impl_->state.chunk_offset += static_cast<duckdb::idx_t>(of_part);
  impl_->next_row += rows - of_part;
}

}  // namespace pinion::engine::duck
