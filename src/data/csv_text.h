#pragma once

#include <memory>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>

namespace pinion::data {

// The schema as CSV takes it: columns whose type Arrow's writer has no form for become
// texts, binary ones hex digits and nested ones JSON.
std::shared_ptr<arrow::Schema> CsvSchema(const arrow::Schema& schema);

// The batch with the columns converted to `csv_schema`, made by CsvSchema from its own.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> ToCsvSchema(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::Schema>& csv_schema);

}  // namespace pinion::data
