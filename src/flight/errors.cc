#include "flight/errors.h"

#include <memory>
#include <utility>

#include <arrow/flight/types.h>

#include "engine/error.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::StatusCode;
using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;
using arrow::flight::MakeFlightError;
using engine::ErrorClass;

// gRPC refuses headers above 8 KB by default, and proxies less. The message is there
// three times in effect: percent-encoded in grpc-message, with Arrow's detail, and in
// base64.
constexpr size_t kMaxMessageBytes = 1024;

constexpr std::string_view kCut = "...";
constexpr std::string_view kReplacement = "?";

// The length of the UTF-8 character at the front, 0 if there is none.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first < 0x80) {
    return 1;
  } else if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;   // else it would be a longer form of a shorter one
    if (first == 0xed) high = 0x9f;  // surrogates
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// What gRPC makes of a character in a header: itself, or %XX for each byte.
size_t EncodedLength(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  const bool plain =
      character.size() == 1 && first >= 0x20 && first <= 0x7e && first != '%';
  return plain ? 1 : 3 * character.size();
}

// By the meaning of the error where the engine gave it one.
Status EngineErrorToWire(ErrorClass error_class, std::string message) {
  switch (error_class) {
    case ErrorClass::kSyntax:
    case ErrorClass::kBinding:
    case ErrorClass::kConstraint:
    case ErrorClass::kType:
    case ErrorClass::kParameter:
    case ErrorClass::kTransaction:
      return Status::Invalid(std::move(message));
    case ErrorClass::kMissingObject:
      return Status::KeyError(std::move(message));
    case ErrorClass::kAlreadyExists:
      return Status::AlreadyExists(std::move(message));
    case ErrorClass::kNotSupported:
      return Status::NotImplemented(std::move(message));
    case ErrorClass::kCancelled:
      return Status::Cancelled(std::move(message));
    case ErrorClass::kPermission:
      return PermissionDenied(std::move(message));
    case ErrorClass::kTimeout:
      return MakeFlightError(FlightStatusCode::TimedOut, std::move(message));
    case ErrorClass::kOutOfMemory:
    case ErrorClass::kLimit:
    case ErrorClass::kUnavailable:
      return Unavailable(std::move(message));
    case ErrorClass::kIo:
    case ErrorClass::kInternal:
      break;
  }
  return MakeFlightError(FlightStatusCode::Internal, std::move(message));
}

// By the code alone.
Status PlainErrorToWire(StatusCode code, std::string message) {
  switch (code) {
    case StatusCode::Invalid:
    case StatusCode::KeyError:
    case StatusCode::NotImplemented:
    case StatusCode::AlreadyExists:
    case StatusCode::Cancelled:
      return Status(code, message);
    case StatusCode::TypeError:
    case StatusCode::IndexError:
      // About values of the request or its data.
      return Status::Invalid(std::move(message));
    case StatusCode::OutOfMemory:
    case StatusCode::CapacityError:
      // Nothing is wrong with the request, and it may work later.
      return Unavailable(std::move(message));
    default:
      return MakeFlightError(FlightStatusCode::Internal, std::move(message));
  }
}

}  // namespace

std::string FitHeader(std::string_view text, size_t max_bytes) {
  std::string fitted;
  size_t encoded = 0;
  // Where to cut if the rest does not fit.
  size_t cut_at = 0;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const std::string_view character =
        length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
    encoded += EncodedLength(character);
    if (encoded > max_bytes) {
      fitted.resize(cut_at);
      return fitted.append(kCut);
    }
    fitted.append(character);
    if (encoded + kCut.size() <= max_bytes) cut_at = fitted.size();
  }
  return fitted;
}

Status ToWire(const Status& status) {
  if (status.ok()) return status;
  std::string message = FitHeader(status.message(), kMaxMessageBytes);
  if (const auto detail = FlightStatusDetail::UnwrapStatus(status)) {
    return Status(status.code(), std::move(message), detail);
  }
  if (const auto detail = engine::GetErrorDetail(status)) {
    return EngineErrorToWire(detail->error_class(), std::move(message));
  }
  return PlainErrorToWire(status.code(), std::move(message));
}

Status WithLocation(const Status& status, std::string_view sql) {
  const auto detail = engine::GetErrorDetail(status);
  if (detail == nullptr || !detail->position().has_value()) return status;
  return Status(status.code(),
                status.message() + " at " + engine::Location(sql, *detail->position()),
                status.detail());
}

Status PermissionDenied(std::string message) {
  return MakeFlightError(FlightStatusCode::Unauthorized, std::move(message));
}

Status Unavailable(std::string message) {
  return MakeFlightError(FlightStatusCode::Unavailable, std::move(message));
}

}  // namespace pinion::flight
