#include "data/message_cursor.h"

#include <vector>

namespace pinion::data {

MessageCursor::MessageCursor(const MessageIndex& index, const ReadRange& range)
    : index_(index) {
  std::vector<bool> selected(static_cast<size_t>(index.schema->num_fields()));
  for (const int column : range.columns) selected[static_cast<size_t>(column)] = true;
  for (const auto& [path, id] : index.dictionary_ids) {
    const auto column = static_cast<size_t>(path[0]);
    if (column < selected.size() && selected[column]) dictionary_ids_.insert(id);
  }
  if (index.leading_dictionaries) {
    first_batch_ = *index.leading_dictionaries + range.first_batch;
    end_ = *index.leading_dictionaries + range.end_batch;
  } else if (range.first_batch < range.end_batch) {
    end_ = static_cast<int64_t>(index.messages.size());
  }
}

const MessageIndex::Entry* MessageCursor::Next() {
  while (position_ < end_) {
    const auto& entry = index_.messages[static_cast<size_t>(position_)];
    if (entry.dictionary_id) {
      ++position_;
      if (dictionary_ids_.contains(*entry.dictionary_id)) return &entry;
    } else if (position_ < first_batch_) {
      position_ = first_batch_;
    } else {
      ++position_;
      return &entry;
    }
  }
  return nullptr;
}

const MessageIndex::Entry* MessageCursor::Following() const {
  if (position_ >= end_) return nullptr;
  return &index_.messages[static_cast<size_t>(position_)];
}

}  // namespace pinion::data
