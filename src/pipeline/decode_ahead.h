#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "base/mutex.h"

namespace pinion::internal {

// The messages of a stream, received and decoded ahead of the one who asks for them. One
// thread receives; others decode whole batches side by side, and so does the asking
// thread rather than wait. What is ahead is limited in messages and in bytes, received
// and decoded, to which each decoder may add one batch.
//
// Asked by one thread at a time.
class DecodeAhead {
 public:
  using Message = std::unique_ptr<arrow::ipc::Message>;
  using Batch = std::shared_ptr<arrow::RecordBatch>;
  // Null at the end. Called by one thread; whoever destroys this before the end must
  // first make it return.
  using Receive = std::function<arrow::Result<Message>()>;
  // Called by any thread.
  using Decode = std::function<arrow::Result<Batch>(const arrow::ipc::Message&)>;

  static constexpr size_t kMaxMessages = 16;
  static constexpr int64_t kMaxBytes = int64_t{16} << 20;

  // Begins to receive, and with `decoders` threads to decode.
  DecodeAhead(Receive receive, Decode decode, int decoders);
  ~DecodeAhead();
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;

  // The next batch, null at the end.
  arrow::Result<Batch> Next() PINION_EXCLUDES(mutex_);

  // The next message as it came, of a stream without decoders. Null at the end.
  arrow::Result<Message> NextMessage() PINION_EXCLUDES(mutex_);

 private:
  // A message and what becomes of it.
  struct Slot {
    enum class State { kReceived, kDecoding, kDecoded };
    Message message;
    State state = State::kReceived;
    arrow::Result<Batch> batch = Batch();
    // What it holds: the message, or what was decoded.
    int64_t bytes = 0;
  };

  void ReceiveAll() PINION_EXCLUDES(mutex_);
  void DecodeAll() PINION_EXCLUDES(mutex_);
  // The first message that nobody decodes yet, if it may be decoded now.
  Slot* Claim() PINION_REQUIRES(mutex_);
  void DecodeClaimed(Slot& slot) PINION_EXCLUDES(mutex_);
  Slot TakeFirst() PINION_REQUIRES(mutex_);
  bool HasRoom() const PINION_REQUIRES(mutex_);

  const Receive receive_;
  const Decode decode_;

  base::Mutex mutex_;
  base::CondVar room_;     // for the receiver
  base::CondVar work_;     // for the decoders
  base::CondVar decoded_;  // for the one who asks
  // In the order of the stream. References to its elements last until they are taken.
  std::deque<Slot> slots_ PINION_GUARDED_BY(mutex_);
  int64_t received_bytes_ PINION_GUARDED_BY(mutex_) = 0;
  int64_t decoded_bytes_ PINION_GUARDED_BY(mutex_) = 0;
  // Whether somebody waits in Next.
  bool asking_ PINION_GUARDED_BY(mutex_) = false;
  bool ended_ PINION_GUARDED_BY(mutex_) = false;
  arrow::Status end_ PINION_GUARDED_BY(mutex_);
  bool abandoned_ PINION_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace pinion::internal
