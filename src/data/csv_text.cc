#include "data/csv_text.h"

#include <string>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/compute/cast.h>

#include "data/json_text.h"

namespace pinion::data {
namespace {

bool HasCsvForm(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return HasCsvForm(
        *arrow::internal::checked_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return arrow::is_base_binary_like(type.id()) || arrow::is_primitive(type.id()) ||
         arrow::is_decimal(type.id());
}

arrow::Result<std::shared_ptr<arrow::Array>> JsonTexts(const arrow::Array& array) {
  arrow::StringBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Reserve(array.length()));
  std::string json;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) {
      builder.UnsafeAppendNull();
      continue;
    }
    json.clear();
    ARROW_RETURN_NOT_OK(AppendJson(array, row, &json));
    ARROW_RETURN_NOT_OK(builder.Append(json));
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
      ARROW_ASSIGN_OR_RAISE(column, JsonTexts(*column));
    }
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(csv_schema, batch.num_rows(), std::move(columns));
}

}  // namespace pinion::data
