#pragma once

#include <cstdint>
#include <set>

#include "data/message_index.h"
#include "data/read_range.h"

namespace pinion::data {

// Goes through the messages that a range of a file consists of: the dictionaries of its
// columns, then its batches; where those cannot be told apart, everything in order. Not
// thread-safe; refers to the index.
class MessageCursor {
 public:
  MessageCursor(const MessageIndex& index, const ReadRange& range);

  // Null at the end.
  const MessageIndex::Entry* Next();

  // What lies behind the message that Next returned last, as far as known without looking
  // for it. Null if nothing does.
  const MessageIndex::Entry* Following() const;

 private:
  const MessageIndex& index_;
  std::set<int64_t> dictionary_ids_;
  int64_t position_ = 0;
  int64_t first_batch_ = 0;  // positions in the index
  int64_t end_ = 0;
};

}  // namespace pinion::data
