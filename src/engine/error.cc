#include "engine/error.h"

#include <algorithm>
#include <utility>

namespace pinion::engine {
namespace {

arrow::StatusCode CodeOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kSyntax:
    case ErrorClass::kBinding:
    case ErrorClass::kConstraint:
    case ErrorClass::kParameter:
      return arrow::StatusCode::Invalid;
    case ErrorClass::kMissingObject:
      return arrow::StatusCode::KeyError;
    case ErrorClass::kAlreadyExists:
      return arrow::StatusCode::AlreadyExists;
    case ErrorClass::kType:
      return arrow::StatusCode::TypeError;
    case ErrorClass::kNotSupported:
      return arrow::StatusCode::NotImplemented;
    case ErrorClass::kCancelled:
    case ErrorClass::kTimeout:
      return arrow::StatusCode::Cancelled;
    case ErrorClass::kOutOfMemory:
      return arrow::StatusCode::OutOfMemory;
    case ErrorClass::kLimit:
      return arrow::StatusCode::CapacityError;
    case ErrorClass::kTransaction:
    case ErrorClass::kPermission:
    case ErrorClass::kIo:
    case ErrorClass::kUnavailable:
      return arrow::StatusCode::IOError;
    case ErrorClass::kInternal:
      break;
  }
  return arrow::StatusCode::UnknownError;
}

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string_view ToString(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kSyntax:
      return "syntax error";
    case ErrorClass::kBinding:
      return "binding error";
    case ErrorClass::kMissingObject:
      return "missing object";
    case ErrorClass::kAlreadyExists:
      return "already exists";
    case ErrorClass::kConstraint:
      return "constraint violated";
    case ErrorClass::kType:
      return "type error";
    case ErrorClass::kParameter:
      return "wrong parameters";
    case ErrorClass::kTransaction:
      return "transaction error";
    case ErrorClass::kNotSupported:
      return "not supported";
    case ErrorClass::kPermission:
      return "not permitted";
    case ErrorClass::kCancelled:
      return "cancelled";
    case ErrorClass::kTimeout:
      return "timed out";
    case ErrorClass::kOutOfMemory:
      return "out of memory";
    case ErrorClass::kLimit:
      return "limit reached";
    case ErrorClass::kIo:
      return "input/output error";
    case ErrorClass::kUnavailable:
      return "unavailable";
    case ErrorClass::kInternal:
      break;
  }
  return "internal error";
}

std::string_view DefaultSqlState(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kSyntax:
      return "42601";
    case ErrorClass::kBinding:
      return "42000";
    case ErrorClass::kMissingObject:
      return "42S02";
    case ErrorClass::kAlreadyExists:
      return "42S01";
    case ErrorClass::kConstraint:
      return "23000";
    case ErrorClass::kType:
      return "22000";
    case ErrorClass::kParameter:
      return "07001";
    case ErrorClass::kTransaction:
      return "25000";
    case ErrorClass::kNotSupported:
      return "0A000";
    case ErrorClass::kPermission:
      return "42501";
    case ErrorClass::kCancelled:
      return "57014";
    case ErrorClass::kTimeout:
      return "HYT00";
    case ErrorClass::kOutOfMemory:
      return "53200";
    case ErrorClass::kLimit:
      return "53300";
    case ErrorClass::kIo:
      return "58030";
    case ErrorClass::kUnavailable:
      return "08006";
    case ErrorClass::kInternal:
      break;
  }
  return "XX000";
}

ErrorDetail::ErrorDetail(ErrorClass error_class, std::string sqlstate,
                         std::optional<std::int64_t> position)
    : error_class_(error_class), sqlstate_(std::move(sqlstate)), position_(position) {}

std::string ErrorDetail::ToString() const {
  std::string text(engine::ToString(error_class_));
  text += " (SQLSTATE " + sqlstate_ + ")";
  if (position_) text += " at byte " + std::to_string(*position_);
  return text;
}

arrow::Status MakeError(ErrorClass error_class, std::string message,
                        std::optional<std::int64_t> position, std::string_view sqlstate) {
  if (sqlstate.empty()) sqlstate = DefaultSqlState(error_class);
  return {CodeOf(error_class), std::move(message),
          std::make_shared<ErrorDetail>(error_class, std::string(sqlstate), position)};
}

std::shared_ptr<const ErrorDetail> GetErrorDetail(const arrow::Status& status) {
  const auto& detail = status.detail();
  if (detail == nullptr || std::string_view(detail->type_id()) != ErrorDetail::kTypeId) {
    return nullptr;
  }
  return std::static_pointer_cast<const ErrorDetail>(detail);
}

bool IsError(const arrow::Status& status, ErrorClass error_class) {
  auto detail = GetErrorDetail(status);
  return detail != nullptr && detail->error_class() == error_class;
}

std::string Location(std::string_view sql, std::int64_t position) {
  std::int64_t line = 1;
  std::int64_t column = 1;
  const auto end = std::min<std::size_t>(position < 0 ? 0 : position, sql.size());
  for (std::size_t i = 0; i < end; ++i) {
    if (sql[i] == '\n') {
      ++line;
      column = 1;
    } else if (!IsContinuationByte(sql[i])) {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace pinion::engine
