#include "flight/client_traits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

using arrow::flight::CallHeaders;

ClientTraits TraitsOf(const CallHeaders& headers) {
  return ClientTraits::Of(headers).ValueOrDie();
}

TEST(ClientTraits, AreCautiousWithAnUnknownClient) {
  const ClientTraits traits = TraitsOf({{"user-agent", "tonic/0.14.0"}});
  EXPECT_FALSE(traits.accepts_compression);
  EXPECT_EQ(traits.max_message_bytes, 4 * 1024 * 1024);
}

TEST(ClientTraits, KnowWhatArrowsLibrariesTake) {
  const ClientTraits cpp = TraitsOf({{"user-agent", "grpc-c++/1.80.0 grpc-c/54.0.0"}});
  EXPECT_TRUE(cpp.accepts_compression);
  EXPECT_GT(cpp.max_message_bytes, 4 * 1024 * 1024);
  const ClientTraits go = TraitsOf({{"user-agent", "ADBC Flight SQL grpc-go/1.80.0"}});
  EXPECT_TRUE(go.accepts_compression);
  EXPECT_EQ(go.max_message_bytes, 4 * 1024 * 1024);
}

TEST(ClientTraits, KnowThatJavaBindsMilliseconds) {
  EXPECT_TRUE(TraitsOf({{"user-agent", "grpc-java-netty/1.71.0"}}).binds_milliseconds);
  EXPECT_FALSE(TraitsOf({{"user-agent", "grpc-c++/1.80.0"}}).binds_milliseconds);
}

TEST(ClientTraits, GoByWhatTheClientSays) {
  EXPECT_FALSE(TraitsOf({{"user-agent", "grpc-c++/1.80.0"}, {kCompressionHeader, "none"}})
                   .accepts_compression);
  EXPECT_TRUE(TraitsOf({{kCompressionHeader, "any"}}).accepts_compression);
  EXPECT_EQ(TraitsOf({{kCompressionHeader, "zstd"}}).codec, arrow::Compression::ZSTD);
  EXPECT_EQ(TraitsOf({{kMaxMessageHeader, "16777216"}}).max_message_bytes, 16777216);
}

TEST(ClientTraits, HaveTheServersCompressionUnlessTheClientWantsAnother) {
  const auto codec = [](const CallHeaders& headers) {
    return ClientTraits::Of(headers, arrow::Compression::LZ4_FRAME).ValueOrDie().codec;
  };
  EXPECT_EQ(codec({{"user-agent", "grpc-c++/1.80.0"}}), arrow::Compression::LZ4_FRAME);
  EXPECT_EQ(codec({{kCompressionHeader, "any"}}), arrow::Compression::LZ4_FRAME);
  EXPECT_EQ(codec({{kCompressionHeader, "zstd"}}), arrow::Compression::ZSTD);
  EXPECT_EQ(codec({{"user-agent", "grpc-java-netty/1.71.0"}}),
            arrow::Compression::UNCOMPRESSED);
  EXPECT_EQ(codec({{"user-agent", "grpc-c++/1.80.0"}, {kCompressionHeader, "none"}}),
            arrow::Compression::UNCOMPRESSED);
}

TEST(ClientTraits, RefuseHeadersThatMakeNoSense) {
  const auto error = [](std::string_view header, std::string_view value) {
    return ClientTraits::Of({{header, value}}).status();
  };
  EXPECT_TRUE(error(kCompressionHeader, "gzip").IsInvalid());
  EXPECT_TRUE(error(kMaxMessageHeader, "4MiB").IsInvalid());
  EXPECT_TRUE(error(kMaxMessageHeader, "-1").IsInvalid());
  EXPECT_TRUE(error(kMaxMessageHeader, "10").IsInvalid());
  EXPECT_TRUE(error(kMaxMessageHeader, "99999999999999999999").IsInvalid());
}

}  // namespace
}  // namespace pinion::flight
