#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <arrow/flight/server.h>
#include <arrow/type.h>

#include "data/dataset.h"
#include "flight/batch_stream.h"

namespace pinion::flight {

// A dataset's messages on the wire as they lie in its file: nothing is decoded or copied,
// so there is nothing to read ahead either. Before and after them may come batches of
// which only some rows are wanted. Used by one thread at a time.
class MessageStream final : public arrow::flight::FlightDataStream {
 public:
  using Source =
      std::variant<std::unique_ptr<data::MessageReader>, std::unique_ptr<BatchStream>>;
  using OnRows = std::function<arrow::Status(int64_t)>;

  // The sources follow each other; the schema of a BatchStream has been taken. Their
  // batches have the columns of `schema`, perhaps by other names. If it has dictionaries,
  // it is that of the only source, which numbers them. `on_rows`, if given, is called
  // before each message of a MessageReader is sent, which an error prevents.
  MessageStream(std::shared_ptr<arrow::Schema> schema, std::vector<Source> sources,
                OnRows on_rows)
      : schema_(std::move(schema)),
        sources_(std::move(sources)),
        on_rows_(std::move(on_rows)) {}

  // Keeps what the sources need, such as what stops them, as long as they are there.
  void Keep(std::shared_ptr<void> owner) { owner_ = std::move(owner); }

  std::shared_ptr<arrow::Schema> schema() override { return schema_; }
  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override;
  arrow::Result<arrow::flight::FlightPayload> Next() override;

 private:
  arrow::Result<arrow::flight::FlightPayload> Read(data::MessageReader& reader);

  std::shared_ptr<void> owner_;
  const std::shared_ptr<arrow::Schema> schema_;
  std::vector<Source> sources_;
  size_t source_ = 0;
  const OnRows on_rows_;
};

}  // namespace pinion::flight
