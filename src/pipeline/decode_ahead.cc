#include "pipeline/decode_ahead.h"

#include <utility>

#include "pinion/pipeline.h"

namespace pinion::internal {

DecodeAhead::DecodeAhead(Receive receive, Decode decode, int decoders)
    : receive_(std::move(receive)), decode_(std::move(decode)) {
  threads_.emplace_back([this] { ReceiveAll(); });
  for (int i = 0; i < decoders; ++i) threads_.emplace_back([this] { DecodeAll(); });
}

DecodeAhead::~DecodeAhead() {
  {
    const base::MutexLock lock(mutex_);
    abandoned_ = true;
    room_.NotifyAll();
    work_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool DecodeAhead::HasRoom() const {
  return slots_.empty() ||
         (slots_.size() < kMaxMessages && received_bytes_ + decoded_bytes_ < kMaxBytes);
}

void DecodeAhead::ReceiveAll() {
  while (true) {
    {
      const base::MutexLock lock(mutex_);
      room_.Wait(mutex_,
                 [this]() PINION_REQUIRES(mutex_) { return abandoned_ || HasRoom(); });
      if (abandoned_) return;
    }
    arrow::Result<Message> message = receive_();
    const base::MutexLock lock(mutex_);
    if (!message.ok() || *message == nullptr) {
      ended_ = true;
      end_ = message.status();
      decoded_.NotifyOne();
      return;
    }
    Slot slot;
    slot.message = *std::move(message);
    slot.bytes = slot.message->body_length();
    received_bytes_ += slot.bytes;
    slots_.push_back(std::move(slot));
    // One of them is enough.
    (asking_ ? decoded_ : work_).NotifyOne();
  }
}

DecodeAhead::Slot* DecodeAhead::Claim() {
  for (Slot& slot : slots_) {
    if (slot.state != Slot::State::kReceived) continue;
    // The first one is waited for, however much is decoded behind it.
    if (decoded_bytes_ >= kMaxBytes && &slot != &slots_.front()) return nullptr;
    slot.state = Slot::State::kDecoding;
    return &slot;
  }
  return nullptr;
}

void DecodeAhead::DecodeClaimed(Slot& slot) {
  arrow::Result<Batch> batch = decode_(*slot.message);
  const int64_t bytes = batch.ok() ? ItemTraits<Batch>::Bytes(*batch) : 0;
  // Freed before the lock is taken: a decoded batch may refer to it, but need not.
  slot.message.reset();
  const base::MutexLock lock(mutex_);
  received_bytes_ -= std::exchange(slot.bytes, bytes);
  decoded_bytes_ += bytes;
  slot.batch = std::move(batch);
  slot.state = Slot::State::kDecoded;
  if (&slot == &slots_.front()) decoded_.NotifyOne();
}

void DecodeAhead::DecodeAll() {
  while (true) {
    Slot* claimed = nullptr;
    {
      const base::MutexLock lock(mutex_);
      work_.Wait(mutex_, [&]() PINION_REQUIRES(mutex_) {
        if (!abandoned_) claimed = Claim();
        return claimed != nullptr || abandoned_;
      });
      if (claimed == nullptr) return;
    }
    DecodeClaimed(*claimed);
  }
}

DecodeAhead::Slot DecodeAhead::TakeFirst() {
  Slot slot = std::move(slots_.front());
  slots_.pop_front();
  const bool decoders_rest = decoded_bytes_ >= kMaxBytes;
  (slot.state == Slot::State::kDecoded ? decoded_bytes_ : received_bytes_) -= slot.bytes;
  if (decoders_rest && decoded_bytes_ < kMaxBytes) work_.NotifyAll();
  room_.NotifyOne();
  return slot;
}

arrow::Result<DecodeAhead::Batch> DecodeAhead::Next() {
  while (true) {
    Slot* claimed = nullptr;
    {
      const base::MutexLock lock(mutex_);
      asking_ = true;
      decoded_.Wait(mutex_, [&]() PINION_REQUIRES(mutex_) {
        if (slots_.empty()) return ended_;
        if (slots_.front().state == Slot::State::kDecoded) return true;
        claimed = Claim();
        return claimed != nullptr;
      });
      asking_ = false;
      if (claimed == nullptr) {
        if (slots_.empty()) return end_.ok() ? arrow::Result<Batch>(Batch()) : end_;
        return TakeFirst().batch;
      }
    }
    DecodeClaimed(*claimed);
  }
}

arrow::Result<DecodeAhead::Message> DecodeAhead::NextMessage() {
  const base::MutexLock lock(mutex_);
  asking_ = true;
  decoded_.Wait(mutex_,
                [this]() PINION_REQUIRES(mutex_) { return !slots_.empty() || ended_; });
  asking_ = false;
  if (!slots_.empty()) return TakeFirst().message;
  return end_.ok() ? arrow::Result<Message>(Message()) : end_;
}

}  // namespace pinion::internal
