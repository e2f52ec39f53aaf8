#include "data/csv_text.h"

#include <string>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>

#include "base/hex.h"
#include "data/json_text.h"

namespace pinion::data {
namespace {

bool HasCsvForm(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return HasCsvForm(
        *arrow::internal::checked_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return arrow::is_string(type.id()) || arrow::is_primitive(type.id()) ||
         arrow::is_decimal(type.id());
}

template <typename ArrayType>
void AppendHexOf(const arrow::Array& array, int64_t row, std::string* text) {
  base::AppendHex(static_cast<const ArrayType&>(array).GetView(row), text);
}

// Text as it is, binary as hex digits, all else as JSON. False for a null.
arrow::Result<bool> AppendCsvText(const arrow::Array& array, int64_t row,
                                  std::string* text) {
  if (array.IsNull(row)) return false;
  switch (array.type_id()) {
    case arrow::Type::DICTIONARY: {
      const auto& values = static_cast<const arrow::DictionaryArray&>(array);
      return AppendCsvText(*values.dictionary(), values.GetValueIndex(row), text);
    }
    case arrow::Type::EXTENSION:
      return AppendCsvText(*static_cast<const arrow::ExtensionArray&>(array).storage(),
                           row, text);
    case arrow::Type::STRING:
      text->append(static_cast<const arrow::StringArray&>(array).GetView(row));
      return true;
    case arrow::Type::STRING_VIEW:
      text->append(static_cast<const arrow::StringViewArray&>(array).GetView(row));
      return true;
    case arrow::Type::BINARY:
      AppendHexOf<arrow::BinaryArray>(array, row, text);
      return true;
    case arrow::Type::LARGE_BINARY:
      AppendHexOf<arrow::LargeBinaryArray>(array, row, text);
      return true;
    case arrow::Type::BINARY_VIEW:
      AppendHexOf<arrow::BinaryViewArray>(array, row, text);
      return true;
    case arrow::Type::FIXED_SIZE_BINARY:
      AppendHexOf<arrow::FixedSizeBinaryArray>(array, row, text);
      return true;
    default:
      ARROW_RETURN_NOT_OK(AppendJson(array, row, text));
      return true;
  }
}

arrow::Result<std::shared_ptr<arrow::Array>> CsvTexts(const arrow::Array& array) {
  arrow::StringBuilder builder;
  std::string text;
  for (int64_t row = 0; row < array.length(); ++row) {
    text.clear();
    ARROW_ASSIGN_OR_RAISE(const bool valid, AppendCsvText(array, row, &text));
    ARROW_RETURN_NOT_OK(valid ? builder.Append(text) : builder.AppendNull());
  }
  return builder.Finish();
}

}  // namespace

std::shared_ptr<arrow::Schema> CsvSchema(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields()) {
    fields.push_back(HasCsvForm(*field->type()) &&
                             arrow::compute::CanCast(*field->type(), *arrow::utf8())
                         ? field
                         : field->WithType(arrow::utf8()));
  }
  return arrow::schema(std::move(fields));
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ToCsvSchema(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::Schema>& csv_schema) {
  arrow::ArrayVector columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    std::shared_ptr<arrow::Array> column = batch.column(i);
    if (!column->type()->Equals(*csv_schema->field(i)->type())) {
      ARROW_ASSIGN_OR_RAISE(column, CsvTexts(*column));
    }
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(csv_schema, batch.num_rows(), std::move(columns));
}

}  // namespace pinion::data
