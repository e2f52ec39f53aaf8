#pragma once

#include <cstdint>
#include <memory>

#include <arrow/ipc/message.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

namespace pinion::engine {

// A result whose batches the engine has made IPC messages of, compressed, while it
// computed them. It is read like any other; or whoever sends it takes the messages as
// they are.
//
// Used by one thread at a time.
class MessageRows : public arrow::RecordBatchReader {
 public:
  // The next batch as a message without its schema, which has no dictionaries. Null if
  // there is none that takes at most `max_bytes`, header and body together: ReadNext has
  // what comes next then, which may be the end. Errors are those of ReadNext.
  virtual arrow::Result<std::shared_ptr<arrow::ipc::Message>> ReadMessage(
      std::int64_t max_bytes) = 0;
};

}  // namespace pinion::engine
