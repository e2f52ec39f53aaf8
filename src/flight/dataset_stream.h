#pragma once

#include <cstdint>
#include <memory>

#include <arrow/flight/server.h>
#include <arrow/result.h>
#include <arrow/type.h>

#include "data/dataset.h"
#include "flight/client_traits.h"
#include "flight/linked_stop.h"
#include "flight/message_stream.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {

// What of a dataset is to be sent, and how.
struct DatasetRequest {
  std::shared_ptr<const data::Dataset> dataset;
  data::ReadOptions read = {};
  data::RowRange rows = {};
  // If greater than 0, and the first batch has more rows, these go ahead of its others,
  // so that the client need not decode the whole of it before it sees a row.
  int64_t first_rows = 0;
  // What the client was told; the dataset's own, of the columns to be read, if null.
  std::shared_ptr<arrow::Schema> schema = {};
  // Called with the number of rows in a message before it is sent, which an error
  // prevents.
  MessageStream::OnRows on_rows = {};
};

// The messages of a dataset as they lie in its file: nothing is decoded or copied, but
// for a batch at the beginning or the end that is not sent as one. Null if
// the file, or the client, does not allow for that.
arrow::Result<std::unique_ptr<MessageStream>> MakeMessageStream(
    const DatasetRequest& request, const ClientTraits& traits);

// The rows of a dataset, with its own schema, as messages or, where that is not possible,
// decoded and read ahead. `request.read.stop` is that of `stop`.
arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> MakeDatasetStream(
    const DatasetRequest& request, const ClientTraits& traits,
    std::unique_ptr<LinkedStop> stop, std::shared_ptr<ReadAheadShare> read_ahead);

}  // namespace pinion::flight
