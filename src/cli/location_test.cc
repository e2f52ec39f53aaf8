#include "cli/location.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"

namespace pinion::cli {
namespace {

using ::testing::HasSubstr;

std::string Parsed(std::string_view text) {
  auto location = ParseLocation(text);
  return location.ok() ? location->ToString() : location.status().message();
}

TEST(ParseLocation, TakesWhatAServerListensOn) {
  EXPECT_EQ(Parsed("grpc://127.0.0.1:8815"), "grpc://127.0.0.1:8815");
  EXPECT_EQ(Parsed("grpc+tcp://localhost:1"), "grpc+tcp://localhost:1");
  EXPECT_EQ(Parsed("grpc+tls://example.org:443"), "grpc+tls://example.org:443");
  EXPECT_EQ(Parsed("grpc+unix:///run/a%20b.sock"), "grpc+unix:///run/a%20b.sock");
  EXPECT_EQ(Parsed("grpc://[::1]:8815"), "grpc://[::1]:8815");
  EXPECT_EQ(Parsed("grpc://127.0.0.1:8815/"), "grpc://127.0.0.1:8815");
}

TEST(ParseLocation, TakesHostAndPortAlone) {
  EXPECT_EQ(Parsed("localhost:8815"), "grpc://localhost:8815");
  EXPECT_EQ(Parsed("[::1]:8815"), "grpc://[::1]:8815");
}

TEST(ParseLocation, SaysWhatIsWrong) {
  EXPECT_THAT(Parsed(""), HasSubstr("it is empty"));
  EXPECT_THAT(Parsed("localhost"), HasSubstr("the port is missing"));
  EXPECT_THAT(Parsed("grpc://localhost"), HasSubstr("the port is missing"));
  EXPECT_THAT(Parsed("grpc://:8815"), HasSubstr("the host is missing"));
  EXPECT_THAT(Parsed("grpc://localhost:99999"),
              HasSubstr("a port is a number up to 65535"));
  EXPECT_THAT(Parsed("grpc://localhost:abc"), HasSubstr("does not parse"));
  EXPECT_THAT(Parsed("http://localhost:80"), HasSubstr("the scheme is none of grpc"));
  EXPECT_THAT(Parsed("grpc://me@localhost:80"), HasSubstr("user name"));
  EXPECT_THAT(Parsed("grpc://localhost:80/x"), HasSubstr("a path after the port"));
  EXPECT_THAT(Parsed("grpc://localhost:80?x=1"), HasSubstr("a query"));
  EXPECT_THAT(Parsed("grpc+unix://run/x"), HasSubstr("third '/'"));
  EXPECT_THAT(Parsed("grpc+unix://"), HasSubstr("socket is missing"));
  EXPECT_THAT(Parsed("grpc+unix:///" + std::string(120, 'x')), HasSubstr("107 bytes"));
  EXPECT_THAT(Parsed("grpc://local host:1"), HasSubstr("does not parse"));
}

TEST(ParseLocation, EveryErrorIsOfUsageAndShowsAnAddress) {
  for (const char* text : {"", "x", "://", "grpc:/x", "\n", "a:b:c", "ftp://x:1"}) {
    const auto location = ParseLocation(text);
    ASSERT_FALSE(location.ok()) << text;
    EXPECT_TRUE(IsUsageError(location.status()));
    EXPECT_THAT(location.status().message(), HasSubstr("grpc://127.0.0.1:8815"));
  }
}

}  // namespace
}  // namespace pinion::cli
