#pragma once

#include <memory>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>

namespace pinion::data {

// The schema as CSV takes it: columns whose type CSV has no form for (nested ones) become
// JSON texts.
std::shared_ptr<arrow::Schema> CsvSchema(const arrow::Schema& schema);

// The batch with the columns converted to `csv_schema`, made by CsvSchema from its own.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> ToCsvSchema(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::Schema>& csv_schema);

}  // namespace pinion::data
