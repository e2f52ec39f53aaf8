// For tests of streams.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/flight/server.h>
#include <arrow/ipc/message.h>
#include <arrow/result.h>

namespace pinion::flight {

// The messages of a stream as a client gets them.
class SentMessages : public arrow::ipc::MessageReader {
 public:
  arrow::Status Add(const arrow::flight::FlightPayload& payload) {
    const arrow::ipc::IpcPayload& ipc = payload.ipc_message;
    std::string body;
    for (const auto& buffer : ipc.body_buffers) {
      if (buffer != nullptr) body += buffer->ToString();
      body.resize((body.size() + 7) / 8 * 8);
    }
    ARROW_ASSIGN_OR_RAISE(auto message,
                          arrow::ipc::Message::Open(
                              ipc.metadata, arrow::Buffer::FromString(std::move(body))));
    messages_.push_back(std::move(message));
    return arrow::Status::OK();
  }
  arrow::Result<std::unique_ptr<arrow::ipc::Message>> ReadNextMessage() override {
    if (messages_.empty()) return nullptr;
    auto message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

 private:
  std::deque<std::unique_ptr<arrow::ipc::Message>> messages_;
};

}  // namespace pinion::flight
