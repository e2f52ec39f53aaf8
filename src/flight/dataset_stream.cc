#include "flight/dataset_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <arrow/type.h>

#include "data/read_range.h"
#include "data/row_parts.h"
#include "data/row_window.h"
#include "flight/batch_stream.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::flight::FlightDataStream;

bool HasDictionary(const arrow::DataType& type) {
  return type.id() == arrow::Type::DICTIONARY ||
         std::ranges::any_of(type.fields(), [](const auto& field) {
           return HasDictionary(*field->type());
         });
}

// Batches whose rows are counted as they are read.
class CountedReader final : public arrow::RecordBatchReader {
 public:
  CountedReader(std::shared_ptr<arrow::RecordBatchReader> reader,
                MessageStream::OnRows on_rows)
      : reader_(std::move(reader)), on_rows_(std::move(on_rows)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    return *batch == nullptr ? arrow::Status::OK() : on_rows_((*batch)->num_rows());
  }

 private:
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
  const MessageStream::OnRows on_rows_;
};

// Batches of which the first comes in two, if it has more than `first_rows`.
class EarlyReader final : public arrow::RecordBatchReader {
 public:
  EarlyReader(std::shared_ptr<arrow::RecordBatchReader> reader, int64_t first_rows)
      : reader_(std::move(reader)), first_rows_(first_rows) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (rest_ != nullptr) {
      *batch = std::exchange(rest_, nullptr);
      return arrow::Status::OK();
    }
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    if (is_first_ && *batch != nullptr && (*batch)->num_rows() > first_rows_) {
      rest_ = (*batch)->Slice(first_rows_);
      *batch = (*batch)->Slice(0, first_rows_);
    }
    is_first_ = false;
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
  const int64_t first_rows_;
  bool is_first_ = true;
  std::shared_ptr<arrow::RecordBatch> rest_;
};

// Cuts the first batch, if it has more rows than are to go ahead, so that OpenCut can
// part them.
arrow::Status CutFirst(const DatasetRequest& request, std::vector<data::RowPart>& parts) {
  if (parts.empty() || parts.front().is_cut) return arrow::Status::OK();
  data::RowPart& whole = parts.front();
  const auto rows = request.dataset->BatchRows(whole.first_batch);
  if (rows.status().IsNotImplemented()) return arrow::Status::OK();
  ARROW_RETURN_NOT_OK(rows.status());
  if (*rows <= request.first_rows) return arrow::Status::OK();
  const data::RowPart first{
      .first_batch = whole.first_batch, .num_batches = 1, .is_cut = true};
  ++whole.first_batch;
  if (--whole.num_batches == 0) parts.erase(parts.begin());
  parts.insert(parts.begin(), first);
  return arrow::Status::OK();
}

Result<std::unique_ptr<BatchStream>> OpenCut(const DatasetRequest& request,
                                             const data::ReadOptions& read,
                                             const data::RowRange& rows,
                                             const ClientTraits& traits,
                                             int64_t first_rows) {
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::RecordBatchReader> reader,
                        request.dataset->OpenReader(read));
  reader = std::make_shared<data::RowWindow>(std::move(reader), rows);
  if (first_rows > 0) {
    reader = std::make_shared<EarlyReader>(std::move(reader), first_rows);
  }
  if (request.on_rows) {
    reader = std::make_shared<CountedReader>(std::move(reader), request.on_rows);
  }
  ARROW_ASSIGN_OR_RAISE(auto stream, BatchStream::Create(std::move(reader), traits));
  // The stream has one schema, and has it already.
  ARROW_RETURN_NOT_OK(stream->GetSchemaPayload().status());
  return stream;
}

// The sources of all parts; empty if one of them has none.
Result<std::vector<MessageStream::Source>> OpenParts(
    const DatasetRequest& request, const ClientTraits& traits,
    const std::vector<data::RowPart>& parts) {
  std::vector<MessageStream::Source> sources;
  for (const data::RowPart& part : parts) {
    data::ReadOptions read = request.read;
    read.first_batch = part.first_batch;
    read.num_batches = part.num_batches;
    if (part.is_cut) {
      const int64_t first_rows = sources.empty() ? request.first_rows : 0;
      ARROW_ASSIGN_OR_RAISE(auto cut,
                            OpenCut(request, read, part.rows, traits, first_rows));
      sources.emplace_back(std::move(cut));
      continue;
    }
    ARROW_ASSIGN_OR_RAISE(auto messages,
                          request.dataset->OpenMessages(
                              read, {.max_message_bytes = traits.max_ipc_bytes(),
                                     .accepts_compression = traits.accepts_compression}));
    if (messages == nullptr) return std::vector<MessageStream::Source>();
    sources.emplace_back(std::move(messages));
  }
  return sources;
}

}  // namespace

Result<std::unique_ptr<MessageStream>> MakeMessageStream(const DatasetRequest& request,
                                                         const ClientTraits& traits) {
  if (!request.dataset->has_messages()) return nullptr;
  ARROW_ASSIGN_OR_RAISE(const data::ReadRange range,
                        data::ResolveRange(*request.dataset, request.read));
  auto parts = data::FindRows(*request.dataset, request.read, request.rows);
  if (parts.status().IsNotImplemented()) return nullptr;
  ARROW_RETURN_NOT_OK(parts.status());
  const auto schema = data::SelectFields(*request.dataset->schema(), range.columns);
  if (HasDictionary(*arrow::struct_(schema->fields()))) {
    // Each part would number its dictionaries in its own way.
    if (std::ranges::any_of(*parts, &data::RowPart::is_cut)) return nullptr;
  } else if (request.first_rows > 0) {
    ARROW_RETURN_NOT_OK(CutFirst(request, *parts));
  }
  ARROW_ASSIGN_OR_RAISE(auto sources, OpenParts(request, traits, *parts));
  if (sources.empty() && !parts->empty()) return nullptr;
  return std::make_unique<MessageStream>(
      request.schema == nullptr ? schema : request.schema, std::move(sources),
      request.on_rows);
}

Result<std::unique_ptr<FlightDataStream>> MakeDatasetStream(
    const DatasetRequest& request, const ClientTraits& traits,
    std::unique_ptr<LinkedStop> stop, std::shared_ptr<ReadAheadShare> read_ahead) {
  ARROW_ASSIGN_OR_RAISE(auto messages, MakeMessageStream(request, traits));
  if (messages != nullptr) {
    messages->Keep(std::move(stop));
    return messages;
  }
  ARROW_ASSIGN_OR_RAISE(auto reader,
                        data::OpenRows(*request.dataset, request.read, request.rows));
  ARROW_ASSIGN_OR_RAISE(auto batches, BatchStream::Create(std::move(reader), traits));
  return std::make_unique<ReadAheadStream>(std::move(batches), std::move(stop),
                                           std::move(read_ahead));
}

}  // namespace pinion::flight
