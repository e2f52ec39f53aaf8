#include "data/ipc_batch_reader.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/status.h>

#include "data/guarded_reader.h"
#include "data/ipc_message_reader.h"
#include "data/layout_copy.h"
#include "data/message_cursor.h"

namespace pinion::data {
namespace {

ReadRange WithAllColumns(const IpcDataset& dataset, ReadRange range) {
  range.columns.resize(static_cast<size_t>(dataset.schema()->num_fields()));
  std::iota(range.columns.begin(), range.columns.end(), 0);
  range.all_columns = true;
  return range;
}

// Hands the messages of a range to Arrow's stream reader, as if they were a stream: all
// columns, since the reader leaves out those not wanted by itself, and for files of every
// version and byte order.
class RangeAsStream : public arrow::ipc::MessageReader {
 public:
  RangeAsStream(std::shared_ptr<const IpcDataset> dataset, const ReadRange& range)
      : dataset_(std::move(dataset)),
        columns_(range.columns),
        cursor_(dataset_->index(), range) {}

  arrow::Result<std::unique_ptr<arrow::ipc::Message>> ReadNextMessage() override {
    if (!std::exchange(schema_is_read_, true)) {
      ARROW_ASSIGN_OR_RAISE(auto payload, MakeSchemaPayload(dataset_->index(), columns_));
      return arrow::ipc::Message::Open(payload.metadata, nullptr);
    }
    const MessageIndex::Entry* entry = cursor_.Next();
    if (entry == nullptr) return nullptr;
    if (const auto* following = cursor_.Following()) {
      dataset_->map().ReadAhead(following->offset,
                                following->metadata_length + following->body_length);
    }
    return dataset_->ReadMessage(*entry);
  }

 private:
  const std::shared_ptr<const IpcDataset> dataset_;
  const std::vector<int> columns_;
  MessageCursor cursor_;
  bool schema_is_read_ = false;
};

class IpcReader : public GuardedReader {
 protected:
  IpcReader(std::shared_ptr<const IpcDataset> dataset, ReadRange range,
            std::stop_token stop)
      : GuardedReader(dataset, range.columns, std::move(stop)),
        dataset_(std::move(dataset)),
        range_(std::move(range)),
        next_batch_(range_.first_batch) {}

  std::string place() const override { return "batch " + std::to_string(next_batch_); }

  const std::shared_ptr<const IpcDataset> dataset_;
  const ReadRange range_;
  int64_t next_batch_;
};

class DecodingReader : public IpcReader {
 public:
  DecodingReader(std::shared_ptr<const IpcDataset> dataset, ReadRange range,
                 std::stop_token stop)
      : IpcReader(std::move(dataset), std::move(range), std::move(stop)) {}

  arrow::Status Open() {
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = range_.use_threads;
    options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
    if (!range_.all_columns) {
      // The reader gives them in the order of the schema.
      options.included_fields = range_.columns;
      std::vector<int> in_order = range_.columns;
      std::sort(in_order.begin(), in_order.end());
      for (const int column : range_.columns) {
        const auto place = std::lower_bound(in_order.begin(), in_order.end(), column);
        places_.push_back(static_cast<int>(place - in_order.begin()));
      }
    }
    auto messages =
        std::make_unique<RangeAsStream>(dataset_, WithAllColumns(*dataset_, range_));
    return arrow::ipc::RecordBatchStreamReader::Open(std::move(messages), options)
        .Value(&decoder_);
  }

 protected:
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Read() override {
    std::shared_ptr<arrow::RecordBatch> decoded;
    ARROW_RETURN_NOT_OK(decoder_->ReadNext(&decoded));
    if (decoded == nullptr) return nullptr;
    arrow::ArrayVector columns = decoded->columns();
    for (size_t i = 0; i < places_.size(); ++i) {
      columns[i] = decoded->column(places_[i]);
    }
    auto batch =
        arrow::RecordBatch::Make(schema_, decoded->num_rows(), std::move(columns));
    ARROW_RETURN_NOT_OK(
        dataset_->validated().Validate(next_batch_, range_.columns, *batch));
    ++next_batch_;
    return WithOwnLayout(*batch);
  }

 private:
  // The file may change behind the map after the batch was found valid.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> WithOwnLayout(
      const arrow::RecordBatch& batch) {
    std::vector<std::shared_ptr<arrow::ArrayData>> columns;
    for (const auto& column : batch.column_data()) {
      ARROW_ASSIGN_OR_RAISE(columns.emplace_back(), layouts_.Copy(*column));
    }
    return arrow::RecordBatch::Make(schema_, batch.num_rows(), std::move(columns));
  }

  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> decoder_;
  LayoutCopier layouts_;
  std::vector<int> places_;  // of the wanted columns among the decoded; empty: the same
};

// Batches without columns, for which the headers suffice.
class RowCountReader : public IpcReader {
 public:
  RowCountReader(std::shared_ptr<const IpcDataset> dataset, ReadRange range,
                 std::stop_token stop)
      : IpcReader(std::move(dataset), std::move(range), std::move(stop)),
        cursor_(dataset_->index(), range_) {}

 protected:
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Read() override {
    const MessageIndex::Entry* entry = cursor_.Next();
    if (entry == nullptr) return nullptr;
    ARROW_ASSIGN_OR_RAISE(auto message, dataset_->ReadMessage(*entry));
    ARROW_ASSIGN_OR_RAISE(const auto view, MessageView::Open(*message->metadata()));
    ARROW_ASSIGN_OR_RAISE(const int64_t rows, view.BatchLength());
    ++next_batch_;
    return arrow::RecordBatch::Make(schema_, rows, arrow::ArrayVector{});
  }

 private:
  MessageCursor cursor_;
};

}  // namespace

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> MakeIpcBatchReader(
    std::shared_ptr<const IpcDataset> dataset, ReadRange range, std::stop_token stop) {
  if (range.columns.empty()) {
    return std::make_shared<RowCountReader>(std::move(dataset), std::move(range),
                                            std::move(stop));
  }
  auto reader = std::make_shared<DecodingReader>(std::move(dataset), std::move(range),
                                                 std::move(stop));
  ARROW_RETURN_NOT_OK(reader->Open());
  return reader;
}

}  // namespace pinion::data
