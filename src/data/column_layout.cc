#include "data/column_layout.h"

#include <algorithm>
#include <utility>

#include <arrow/extension_type.h>
#include <arrow/status.h>
#include <arrow/util/bit_util.h>

namespace pinion::data {
namespace {

// The buffers of a type itself, without its children and the data of views.
int FixedBuffers(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA:
    case arrow::Type::RUN_END_ENCODED:
      return 0;
    case arrow::Type::STRUCT:
    case arrow::Type::FIXED_SIZE_LIST:
    case arrow::Type::SPARSE_UNION:
      return 1;
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
      return 3;
    default:  // lists, maps, dense unions, views and all of a fixed width
      return 2;
  }
}

bool IsVariadic(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING_VIEW || type.id() == arrow::Type::BINARY_VIEW;
}

}  // namespace

ColumnLayout::ColumnLayout(const arrow::Schema& schema) {
  for (const auto& field : schema.fields()) {
    Column column;
    column.first_node = num_nodes_;
    AddType(*field->type(), &column);
    num_nodes_ += column.num_nodes;
    num_variadic_ += column.num_variadic;
    columns_.push_back(column);
  }
}

void ColumnLayout::AddType(const arrow::DataType& type, Column* column) {
  if (type.id() == arrow::Type::EXTENSION) {
    return AddType(
        *arrow::internal::checked_cast<const arrow::ExtensionType&>(type).storage_type(),
        column);
  }
  ++column->num_nodes;
  column->fixed_buffers += FixedBuffers(type);
  column->num_variadic += IsVariadic(type) ? 1 : 0;
  // The values of a dictionary travel in messages of their own.
  if (type.id() == arrow::Type::DICTIONARY) return;
  for (const auto& child : type.fields()) AddType(*child->type(), column);
}

int64_t ColumnLayout::CountBuffers(const Column& column, const BatchHeader& batch,
                                   int64_t first_variadic) {
  int64_t buffers = column.fixed_buffers;
  for (int64_t i = 0; i < column.num_variadic; ++i) {
    buffers += batch.variadic_counts[static_cast<size_t>(first_variadic + i)];
  }
  return buffers;
}

arrow::Status ColumnLayout::Check(const BatchHeader& batch, int64_t body_length) const {
  const auto corrupt = [](const char* what) {
    return arrow::Status::IOError("a record batch is corrupt: ", what);
  };
  if (static_cast<int64_t>(batch.nodes.size()) != num_nodes_) {
    return corrupt("its columns are not those of the schema");
  }
  for (const auto& node : batch.nodes) {
    if (node.length < 0 || node.null_count < 0 || node.null_count > node.length) {
      return corrupt("a column has an impossible number of values");
    }
  }
  for (const Column& column : columns_) {
    if (batch.nodes[static_cast<size_t>(column.first_node)].length != batch.length) {
      return corrupt("its columns are not equally long");
    }
  }
  const auto num_buffers = static_cast<int64_t>(batch.buffers.size());
  if (static_cast<int64_t>(batch.variadic_counts.size()) < num_variadic_) {
    return corrupt("numbers of buffers are missing");
  }
  for (const int64_t count : batch.variadic_counts) {
    if (count < 0 || count > num_buffers) {
      return corrupt("a column has an impossible number of buffers");
    }
  }
  int64_t expected_buffers = 0;
  int64_t variadic = 0;
  for (const Column& column : columns_) {
    expected_buffers += CountBuffers(column, batch, variadic);
    variadic += column.num_variadic;
  }
  if (expected_buffers != num_buffers) {
    return corrupt("its buffers are not those of the schema");
  }
  for (const auto& buffer : batch.buffers) {
    if (buffer.offset < 0 || buffer.length < 0 || buffer.offset > body_length ||
        buffer.length > body_length - buffer.offset) {
      return corrupt("a buffer lies outside of it");
    }
  }
  return arrow::Status::OK();
}

arrow::ipc::IpcPayload ColumnLayout::Select(
    const BatchHeader& batch, const std::vector<int>& columns,
    const std::shared_ptr<arrow::Buffer>& body) const {
  // Where each column's buffers and counts begin in this batch.
  std::vector<std::pair<int64_t, int64_t>> starts;
  int64_t next_buffer = 0;
  int64_t next_variadic = 0;
  for (const Column& column : columns_) {
    starts.emplace_back(next_buffer, next_variadic);
    next_buffer += CountBuffers(column, batch, next_variadic);
    next_variadic += column.num_variadic;
  }

  BatchHeader selected;
  selected.length = batch.length;
  selected.codec = batch.codec;
  arrow::ipc::IpcPayload payload;
  payload.type = arrow::ipc::MessageType::RECORD_BATCH;
  for (const int index : columns) {
    const Column& column = columns_[static_cast<size_t>(index)];
    const auto [first_buffer, first_variadic] = starts[static_cast<size_t>(index)];
    const auto nodes = batch.nodes.begin() + column.first_node;
    selected.nodes.insert(selected.nodes.end(), nodes, nodes + column.num_nodes);
    const auto counts = batch.variadic_counts.begin() + first_variadic;
    selected.variadic_counts.insert(selected.variadic_counts.end(), counts,
                                    counts + column.num_variadic);
    const auto first = batch.buffers.begin() + first_buffer;
    const auto last = first + CountBuffers(column, batch, first_variadic);
    for (auto buffer = first; buffer != last; ++buffer) {
      selected.buffers.push_back({payload.body_length, buffer->length});
      if (buffer->length == 0) continue;
      payload.body_buffers.push_back(
          arrow::SliceBuffer(body, buffer->offset, buffer->length));
      // Whoever writes a payload pads each buffer to a multiple of 8 bytes.
      payload.body_length += arrow::bit_util::RoundUpToMultipleOf8(buffer->length);
    }
  }
  payload.raw_body_length = payload.body_length;
  payload.metadata = MakeBatchMetadata(selected, payload.body_length);
  return payload;
}

}  // namespace pinion::data
