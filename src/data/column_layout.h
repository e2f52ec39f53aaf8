#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/result.h>
#include <arrow/type.h>

#include "data/ipc_metadata.h"

namespace pinion::data {

// Where the parts of each top-level column lie in the messages of a schema (of metadata
// version 5), which makes it possible to leave columns out without decoding. Immutable.
class ColumnLayout {
 public:
  explicit ColumnLayout(const arrow::Schema& schema);

  // IOError if a batch is not one of this schema, or if it reaches outside of its body:
  // what a receiver would stumble over.
  arrow::Status Check(const BatchHeader& batch, int64_t body_length) const;

  // The message of the selected columns, in their order, for a batch that passed Check.
  // The buffers stay where they are.
  arrow::ipc::IpcPayload Select(const BatchHeader& batch, const std::vector<int>& columns,
                                const std::shared_ptr<arrow::Buffer>& body) const;

 private:
  // One column with all its children.
  struct Column {
    int64_t first_node = 0;
    int64_t num_nodes = 0;
    int64_t fixed_buffers = 0;
    // Children of a view type: a batch states the number of data buffers of each.
    int64_t num_variadic = 0;
  };

  static void AddType(const arrow::DataType& type, Column* column);
  static int64_t CountBuffers(const Column& column, const BatchHeader& batch,
                              int64_t first_variadic);

  std::vector<Column> columns_;
  int64_t num_nodes_ = 0;
  int64_t num_variadic_ = 0;
};

}  // namespace pinion::data
