#include "flight/sql_message.h"

#include <cstdint>

namespace pinion::flight {
namespace {

constexpr std::string_view kTypePrefix = "type.googleapis.com/arrow.flight.protocol.sql.";

// Field numbers of google.protobuf.Any with the wire type of strings and bytes.
constexpr char kTypeUrlTag = (1 << 3) | 2;
constexpr char kValueTag = (2 << 3) | 2;

// Takes a length and that many bytes off the front; std::nullopt if they are not there.
std::optional<std::string_view> TakeDelimited(std::string_view& bytes) {
  uint64_t length = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) != 0) continue;
    if (length > bytes.size()) return std::nullopt;
    const std::string_view taken = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return taken;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> SqlMessageName(std::string_view bytes) {
  std::optional<std::string_view> name;
  // The fields of a message may come in any order, and the last of several counts.
  while (!bytes.empty()) {
    const char tag = bytes.front();
    if (tag != kTypeUrlTag && tag != kValueTag) return std::nullopt;
    bytes.remove_prefix(1);
    const std::optional<std::string_view> field = TakeDelimited(bytes);
    if (!field.has_value()) return std::nullopt;
    if (tag == kTypeUrlTag) {
      if (!field->starts_with(kTypePrefix)) return std::nullopt;
      name = field->substr(kTypePrefix.size());
    }
  }
  return name;
}

}  // namespace pinion::flight
