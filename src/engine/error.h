#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <arrow/status.h>

namespace pinion::engine {

// What kind of thing went wrong, as far as a client can act on it.
//
// The wire layer decides what each becomes there; every class has one arrow::StatusCode
// (see MakeError), so a caller that knows only arrow::Status is served too.
enum class ErrorClass : std::uint8_t {
  kSyntax,         // the text is not SQL
  kBinding,        // it is SQL, but does not make sense: ambiguous name, wrong argument
  kMissingObject,  // no such table, column, function, schema, catalog, setting
  kAlreadyExists,
  kConstraint,   // primary or foreign key, NOT NULL, CHECK
  kType,         // a value does not fit its type: cast, range, division, decimal
  kParameter,    // wrong number, name or type of bound parameters
  kTransaction,  // conflict, aborted, unknown or expired transaction
  kNotSupported,
  kPermission,   // read-only, file access, a setting that is not for clients
  kCancelled,    // by the stop token, or because the session was closed
  kTimeout,      // by a deadline of the engine's or the caller's
  kOutOfMemory,  // the engine's memory limit, or its space for temporary files
  kLimit,        // too many connections, sessions, transactions
  kIo,           // a file of a dataset or of the database
  kUnavailable,  // the engine is closed
  kInternal,     // a defect of ours or of the engine's
};

std::string_view ToString(ErrorClass error_class);

// Five characters of SQLSTATE for the class; an error may carry a finer one.
std::string_view DefaultSqlState(ErrorClass error_class);

// What an engine error says besides its message. Immutable.
class ErrorDetail : public arrow::StatusDetail {
 public:
  static constexpr const char* kTypeId = "pinion::engine::ErrorDetail";

  ErrorDetail(ErrorClass error_class, std::string sqlstate,
              std::optional<std::int64_t> position);

  const char* type_id() const override { return kTypeId; }
  std::string ToString() const override;

  ErrorClass error_class() const { return error_class_; }
  const std::string& sqlstate() const { return sqlstate_; }

  // Byte offset into the SQL text that was given, from 0.
  std::optional<std::int64_t> position() const { return position_; }

 private:
  ErrorClass error_class_;
  std::string sqlstate_;
  std::optional<std::int64_t> position_;
};

// A status of the class's code, with an ErrorDetail. The message is one line, without
// the position: whoever prints it and has the text at hand adds "line 2, column 8"
// (Location).
arrow::Status MakeError(ErrorClass error_class, std::string message,
                        std::optional<std::int64_t> position = std::nullopt,
                        std::string_view sqlstate = {});

// The detail of a status that came from an engine; null for any other.
std::shared_ptr<const ErrorDetail> GetErrorDetail(const arrow::Status& status);

// Whether `status` is an engine error of this class.
bool IsError(const arrow::Status& status, ErrorClass error_class);

// The SQLSTATE (0A is "not supported", what begins with S is ours) of what is refused
// only because the caller shares a stateless session.
inline constexpr std::string_view kNeedsSessionState = "0AS01";

// "line 2, column 8" for a byte offset of `sql`; columns count characters, both from 1.
std::string Location(std::string_view sql, std::int64_t position);

}  // namespace pinion::engine
