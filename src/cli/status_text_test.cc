#include "cli/status_text.h"

#include <cerrno>

#include <arrow/util/io_util.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using arrow::Status;

TEST(StatusText, IsTheMessageOnOneLine) {
  EXPECT_EQ(StatusText(Status::IOError("a\n\n  b\tc ")), "a b c");
  EXPECT_EQ(StatusText(Status::Invalid("x\x1b[31m")), "x [31m");
}

TEST(StatusText, LeavesOutWhatTheTransportAdds) {
  EXPECT_EQ(StatusText(Status::Invalid(
                "no table 't'. gRPC client debug context: UNKNOWN:Error received from "
                "peer ipv4:127.0.0.1:8899 {grpc_status:3}. Client context: OK")),
            "no table 't'");
  EXPECT_EQ(StatusText(Status::IOError("Flight returned timeout error, with message: "
                                       "too long. Client context: OK")),
            "too long");
  EXPECT_EQ(StatusText(Status::Invalid("gRPC returned resource exhausted error, with "
                                       "message: full")),
            "full");
  EXPECT_EQ(StatusText(Status::IOError("not for you. Detail: Unauthorized")),
            "not for you");
  EXPECT_EQ(StatusText(Status::KeyError(
                "\"no such\". Detail: Python exception: Traceback\n File x")),
            "\"no such\"");
}

TEST(StatusText, SaysWhyTheSystemRefused) {
  EXPECT_EQ(StatusText(arrow::internal::IOErrorFromErrno(ENOENT, "cannot open 'x'")),
            "cannot open 'x': No such file or directory");
  EXPECT_EQ(StatusText(arrow::internal::IOErrorFromErrno(
                ENOSPC, "cannot write 'x': No space left on device")),
            "cannot write 'x': No space left on device");
}

TEST(StatusText, SaysSomethingWhereTheServerSaidNothing) {
  EXPECT_EQ(StatusText(Status::NotImplemented(". Detail: Python exception: Trace")),
            "NotImplemented (the server gave no message)");
}

TEST(StatusText, KeepsAMessageThatQuotesSuchWords) {
  const std::string message =
      "a value of the column reads 'Flight returned x error, with message: y'";
  EXPECT_EQ(StatusText(Status::Invalid(message)), message);
}

TEST(ConnectionProblem, FindsTheReason) {
  constexpr char kFailed[] = "failed to connect to all addresses; last error: UNKNOWN: ";
  EXPECT_EQ(
      ConnectionProblem(Status::IOError(
          kFailed,
          "ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused")),
      "connection refused");
  EXPECT_EQ(ConnectionProblem(
                Status::IOError(kFailed, "unix:/tmp/x: No such file or directory")),
            "no such file or directory");
  EXPECT_EQ(ConnectionProblem(Status::IOError(
                "DNS resolution failed for h:80: C-ares status is not ARES_SUCCESS")),
            "no such host");
  EXPECT_EQ(ConnectionProblem(
                Status::IOError(kFailed,
                                "ipv4:127.0.0.1:1: Ssl handshake failed: SSL_ERROR_SSL: "
                                "error:0A00010B:SSL routines::wrong version number")),
            "the TLS handshake failed: wrong version number (does the server use TLS?)");
}

}  // namespace
}  // namespace pinion::cli
