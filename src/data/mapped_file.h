#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include "data/bus_error_guard.h"
#include "data/source_file.h"

namespace pinion::data {

// A file mapped into memory, read-only. Thread-safe; stays mapped as long as this object
// or one of its slices lives.
//
// Pages of a file that is cut meanwhile read as zeros (see BusErrorGuard), so a reader
// checks CheckUnchanged after it has looked at the memory as well as before.
class MappedFile : public std::enable_shared_from_this<MappedFile> {
 public:
  // Invalid for an empty file, which cannot be mapped.
  static arrow::Result<std::shared_ptr<const MappedFile>> Map(
      std::shared_ptr<const SourceFile> file);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const SourceFile& file() const { return *file_; }

  arrow::Status CheckUnchanged() const;

  // Memory of the map, not copied. IOError if it reaches beyond the end.
  arrow::Result<std::shared_ptr<arrow::Buffer>> Slice(int64_t offset,
                                                      int64_t bytes) const;

  // Brings a slice into memory now, so that nobody waits for the disk or fails when using
  // it: the kernel reports what it cannot write to a socket as a broken connection.
  arrow::Status Load(const arrow::Buffer& slice) const;

  // Starts reading a range from the disk without waiting for it.
  void ReadAhead(int64_t offset, int64_t bytes) const;

 private:
  // Unmapped last, when the guard is gone.
  struct Mapping {
    ~Mapping();
    uint8_t* const data;
    const size_t bytes;
  };

  MappedFile(std::shared_ptr<const SourceFile> file, uint8_t* data)
      : file_(std::move(file)),
        mapping_{data, static_cast<size_t>(file_->size())},
        guard_(data, mapping_.bytes) {}

  // Whether the system has a range in memory, judged by a few of its bytes: asking it to
  // look at every page costs a tenth of sending them.
  bool SeemsCached(int64_t offset, int64_t bytes) const;

  const std::shared_ptr<const SourceFile> file_;
  const Mapping mapping_;
  const BusErrorGuard guard_;
};

}  // namespace pinion::data
