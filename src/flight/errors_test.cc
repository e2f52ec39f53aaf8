#include "flight/errors.h"

#include <string>

#include <arrow/flight/types.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;
using engine::ErrorClass;

FlightStatusCode FlightCode(const Status& status) {
  const auto detail = FlightStatusDetail::UnwrapStatus(status);
  return detail == nullptr ? FlightStatusCode::Failed : detail->code();
}

TEST(ToWire, LeavesWhatFlightHasAWordFor) {
  for (const Status& status : {Status::OK(), Status::Invalid("a"), Status::KeyError("b"),
                               Status::NotImplemented("c"), Status::AlreadyExists("d"),
                               Status::Cancelled("e")}) {
    EXPECT_TRUE(ToWire(status).Equals(status)) << status;
  }
}

TEST(ToWire, GivesAFlightCodeToWhatWouldArriveAsUnknown) {
  EXPECT_EQ(FlightCode(ToWire(Status::IOError("x"))), FlightStatusCode::Internal);
  EXPECT_EQ(FlightCode(ToWire(Status::UnknownError("x"))), FlightStatusCode::Internal);
  EXPECT_EQ(FlightCode(ToWire(Status::OutOfMemory("x"))), FlightStatusCode::Unavailable);
  EXPECT_TRUE(ToWire(Status::TypeError("x")).IsInvalid());
}

TEST(ToWire, KeepsAFlightCodeThatIsThere) {
  EXPECT_EQ(FlightCode(ToWire(PermissionDenied("no"))), FlightStatusCode::Unauthorized);
  EXPECT_EQ(FlightCode(ToWire(ToWire(Unavailable("no")))), FlightStatusCode::Unavailable);
}

TEST(ToWire, GoesByTheClassOfAnEnginesError) {
  const auto wire = [](ErrorClass error_class) {
    return ToWire(engine::MakeError(error_class, "x", 3));
  };
  EXPECT_TRUE(wire(ErrorClass::kSyntax).IsInvalid());
  EXPECT_TRUE(wire(ErrorClass::kConstraint).IsInvalid());
  EXPECT_TRUE(wire(ErrorClass::kMissingObject).IsKeyError());
  EXPECT_TRUE(wire(ErrorClass::kAlreadyExists).IsAlreadyExists());
  EXPECT_TRUE(wire(ErrorClass::kNotSupported).IsNotImplemented());
  EXPECT_TRUE(wire(ErrorClass::kCancelled).IsCancelled());
  EXPECT_EQ(FlightCode(wire(ErrorClass::kPermission)), FlightStatusCode::Unauthorized);
  EXPECT_EQ(FlightCode(wire(ErrorClass::kTimeout)), FlightStatusCode::TimedOut);
  EXPECT_EQ(FlightCode(wire(ErrorClass::kOutOfMemory)), FlightStatusCode::Unavailable);
  EXPECT_EQ(FlightCode(wire(ErrorClass::kIo)), FlightStatusCode::Internal);
}

TEST(ToWire, DropsDetailsThatWouldRepeatInTheMessage) {
  EXPECT_EQ(ToWire(engine::MakeError(ErrorClass::kSyntax, "x", 3)).detail(), nullptr);
}

TEST(ToWire, CutsLongMessages) {
  const Status wire = ToWire(Status::Invalid(std::string(100'000, 'x')));
  EXPECT_LE(wire.message().size(), 1024u);
  EXPECT_THAT(wire.message(), testing::EndsWith("x..."));
}

TEST(WithLocation, SaysWhereInTheText) {
  const Status error = engine::MakeError(ErrorClass::kSyntax, "syntax error", 9);
  EXPECT_EQ(WithLocation(error, "SELECT 1\nFORM t").message(),
            "syntax error at line 2, column 1");
  EXPECT_TRUE(
      engine::IsError(WithLocation(error, "SELECT 1\nFORM t"), ErrorClass::kSyntax));
}

TEST(WithLocation, LeavesErrorsWithoutAPlace) {
  const Status status = Status::Invalid("x");
  EXPECT_EQ(WithLocation(status, "SELECT 1").message(), "x");
}

TEST(FitHeader, LeavesTextThatFits) {
  EXPECT_EQ(FitHeader("abc", 3), "abc");
  EXPECT_EQ(FitHeader("", 3), "");
}

TEST(FitHeader, CutsAtACharacter) {
  // Each of these takes six bytes in a header, as %XX%XX.
  EXPECT_EQ(FitHeader("ééé", 18), "ééé");
  EXPECT_EQ(FitHeader("ééé", 17), "éé...");
  EXPECT_EQ(FitHeader("ééé", 14), "é...");
}

TEST(FitHeader, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(FitHeader("a\xff z", 100), "a? z");
  EXPECT_EQ(FitHeader("\xc3", 100), "?");
  EXPECT_EQ(FitHeader("\xed\xa0\x80", 100), "???");
  EXPECT_EQ(FitHeader("\xf0\x9f\x90\xa6", 100), "\xf0\x9f\x90\xa6");
}

}  // namespace
}  // namespace pinion::flight
