#pragma once

#include <cstdint>

#include <arrow/flight/types.h>
#include <arrow/result.h>
#include <arrow/util/type_fwd.h>

namespace pinion::flight {

// Headers by which a client says what it can take; docs/wire_protocol.md.
inline constexpr char kCompressionHeader[] = "x-pinion-compression";
inline constexpr char kMaxMessageHeader[] = "x-pinion-max-message-bytes";

// What the client of a call can take.
struct ClientTraits {
  // What FlightData takes around an IPC message: tags, lengths, padding of each buffer.
  static constexpr int64_t kFrameBytes = 4096;

  // Reads compressed record batches, LZ4 and ZSTD.
  bool accepts_compression = false;
  // How to compress what is not compressed yet.
  arrow::Compression::type codec = arrow::Compression::UNCOMPRESSED;
  // The largest FlightData message that it takes.
  int64_t max_message_bytes = 4 * 1024 * 1024;
  // Writes milliseconds into a parameter of a time, whatever unit was declared for it.
  bool binds_milliseconds = false;

  // What of it is left for the IPC message inside.
  int64_t max_ipc_bytes() const { return max_message_bytes - kFrameBytes; }

  // By the headers of pinion's own if given, else by what is known of the library that
  // the user-agent header names, else what every client can take. `codec` is for clients
  // that can decompress and do not say which they want. Invalid for a header of ours that
  // makes no sense.
  static arrow::Result<ClientTraits> Of(
      const arrow::flight::CallHeaders& headers,
      arrow::Compression::type codec = arrow::Compression::UNCOMPRESSED);
};

}  // namespace pinion::flight
