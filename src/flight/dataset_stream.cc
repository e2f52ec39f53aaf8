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

Result<std::unique_ptr<BatchStream>> OpenCut(const DatasetRequest& request,
                                             const data::ReadOptions& read,
                                             const data::RowRange& rows,
                                             const ClientTraits& traits) {
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::RecordBatchReader> reader,
                        request.dataset->OpenReader(read));
  reader = std::make_shared<data::RowWindow>(std::move(reader), rows);
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
      ARROW_ASSIGN_OR_RAISE(auto cut, OpenCut(request, read, part.rows, traits));
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
  const auto parts = data::FindRows(*request.dataset, request.read, request.rows);
  if (parts.status().IsNotImplemented()) return nullptr;
  ARROW_RETURN_NOT_OK(parts.status());
  const auto schema = data::SelectFields(*request.dataset->schema(), range.columns);
  const bool is_cut = std::ranges::any_of(*parts, &data::RowPart::is_cut);
  if (is_cut && HasDictionary(*arrow::struct_(schema->fields()))) {
    // Each part would number its dictionaries in its own way.
    return nullptr;
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
