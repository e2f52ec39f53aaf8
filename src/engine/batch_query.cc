#include "engine/batch_query.h"

#include "engine/duckdb/batch_query.h"

namespace pinion::engine {

arrow::Result<std::unique_ptr<BatchQuery>> BatchQuery::Create(
    const std::string& sql, const std::shared_ptr<arrow::Schema>& schema) {
  return duck::CreateBatchQuery(sql, schema);
}

}  // namespace pinion::engine
