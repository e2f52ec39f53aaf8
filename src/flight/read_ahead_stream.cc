#include "flight/read_ahead_stream.h"

#include <optional>
#include <utility>

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightPayload;

constexpr int kPayloadsBeforeThread = 2;
constexpr int64_t kMaxPayloads = 16;

}  // namespace

bool ReadAheadShare::TryEnter() {
  int places = places_;
  while (places > 0) {
    if (places_.compare_exchange_weak(places, places - 1)) return true;
  }
  return false;
}

ReadAheadStream::ReadAheadStream(std::unique_ptr<arrow::flight::FlightDataStream> stream,
                                 std::unique_ptr<LinkedStop> stop,
                                 std::shared_ptr<ReadAheadShare> share)
    : share_(std::move(share)),
      stop_(std::move(stop)),
      stream_(std::move(stream)),
      queue_({.items = kMaxPayloads, .bytes = share_->stream_bytes()}) {}

ReadAheadStream::~ReadAheadStream() {
  stop_->RequestStop();
  if (!producer_.joinable()) return;
  producer_.join();
  share_->Leave();
}

Result<FlightPayload> ReadAheadStream::GetSchemaPayload() {
  return stream_->GetSchemaPayload();
}

Result<FlightPayload> ReadAheadStream::Next() {
  if (payloads_sent_ < kPayloadsBeforeThread) {
    ++payloads_sent_;
    return stream_->Next();
  }
  if (!producer_.joinable()) {
    if (!share_->TryEnter()) return stream_->Next();
    producer_ = std::thread([this] { Produce(); });
  }
  ARROW_ASSIGN_OR_RAISE(std::optional<FlightPayload> payload, queue_.Pop(stop_->token()));
  if (!payload.has_value()) return FlightPayload();
  return *std::move(payload);
}

Status ReadAheadStream::Close() {
  // Only after the end of the stream, so the producer has nothing left to do.
  if (producer_.joinable()) {
    producer_.join();
    share_->Leave();
  }
  return stream_->Close();
}

void ReadAheadStream::Produce() {
  while (true) {
    Result<FlightPayload> payload = stream_->Next();
    if (!payload.ok()) return queue_.Close(payload.status());
    if (payload->ipc_message.metadata == nullptr) return queue_.Close();
    const int64_t bytes =
        payload->ipc_message.metadata->size() + payload->ipc_message.body_length;
    const Status pushed = queue_.Push(*std::move(payload), bytes, stop_->token());
    if (!pushed.ok()) return queue_.Close(pushed);
  }
}

}  // namespace pinion::flight
