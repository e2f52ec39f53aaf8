#include "flight/listen_address.h"

#include <cstring>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"
#include "tests/support/temporary_folder.h"

namespace pinion::flight {
namespace {

using testing::HasSubstr;

std::string ParseError(const std::string& uri) {
  const auto address = ListenAddress::Parse(uri);
  EXPECT_TRUE(address.status().IsInvalid()) << uri;
  return address.status().message();
}

// A socket that listens on a port of its own.
class Neighbour {
 public:
  Neighbour() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_, generic, size), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    EXPECT_EQ(::getsockname(fd_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Neighbour() { ::close(fd_); }

  int port() const { return port_; }

 private:
  int fd_;
  int port_ = 0;
};

// A socket file; with or without somebody who listens.
int BindUnix(const std::string& path, bool listening) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  if (listening) {
    EXPECT_EQ(::listen(fd, 1), 0);
  }
  return fd;
}

ListenAddress Parsed(const std::string& uri) {
  return ListenAddress::Parse(uri).ValueOrDie();
}

TEST(ListenAddress, TakesPortsAndSockets) {
  for (const char* uri : {"grpc://127.0.0.1:0", "grpc+tcp://localhost:8815",
                          "grpc://[::1]:1", "grpc://0.0.0.0:65535"}) {
    ASSERT_OK_AND_ASSIGN(const auto address, ListenAddress::Parse(uri));
    EXPECT_FALSE(address.is_unix());
    EXPECT_EQ(address.location().ToString(), uri);
  }
  EXPECT_TRUE(Parsed("grpc+unix:///tmp/pinion.sock").is_unix());
}

TEST(ListenAddress, KeepsTheUriWithThePortThatItGot) {
  EXPECT_EQ(Parsed("grpc://127.0.0.1:0").WithPort(5), "grpc://127.0.0.1:5");
  EXPECT_EQ(Parsed("grpc+tcp://[::1]:0").WithPort(5), "grpc+tcp://[::1]:5");
  EXPECT_EQ(Parsed("grpc+unix:///s").WithPort(-1), "grpc+unix:///s");
}

TEST(ListenAddress, SaysWhatIsWrongWithAUri) {
  EXPECT_THAT(ParseError("8815"), HasSubstr("expected grpc://HOST:PORT"));
  EXPECT_THAT(ParseError(""), HasSubstr("not a URI"));
  EXPECT_THAT(ParseError("grpc://"), HasSubstr("no host"));
  EXPECT_THAT(ParseError("grpc://127.0.0.1"), HasSubstr("no port"));
  EXPECT_THAT(ParseError("grpc://127.0.0.1:123456"), HasSubstr("cannot listen at"));
  EXPECT_THAT(ParseError("grpc://127.0.0.1:x"), HasSubstr("not a URI"));
  EXPECT_THAT(ParseError("grpc://127.0.0.1:1/path"), HasSubstr("path"));
  EXPECT_THAT(ParseError("http://127.0.0.1:1"), HasSubstr("scheme"));
  EXPECT_THAT(ParseError("grpc+unix://relative/path"), HasSubstr("not absolute"));
  EXPECT_THAT(ParseError("grpc+unix:///" + std::string(200, 'x')), HasSubstr("longer"));
}

TEST(ListenAddress, SeesThatAPortIsInUse) {
  const Neighbour neighbour;
  const std::string uri = "grpc://127.0.0.1:" + std::to_string(neighbour.port());
  const arrow::Status status = Parsed(uri).CheckFree();
  EXPECT_EQ(status.message(),
            "cannot listen at " + uri + ": the address is in use by another program");
}

TEST(ListenAddress, SeesThatAnyPortIsFree) {
  EXPECT_OK(Parsed("grpc://127.0.0.1:0").CheckFree());
  EXPECT_OK(Parsed("grpc://localhost:0").CheckFree());
}

TEST(ListenAddress, SeesThatTheHostIsNotThisMachine) {
  EXPECT_THAT(Parsed("grpc://192.0.2.1:0").CheckFree().message(),
              HasSubstr("no interface of this machine"));
  EXPECT_THAT(Parsed("grpc://no-such-host.invalid:0").CheckFree().message(),
              HasSubstr("the host 'no-such-host.invalid' is unknown"));
}

TEST(ListenAddress, SeesThatSomebodyListensAtASocket) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "s";
  const int fd = BindUnix(path, /*listening=*/true);
  EXPECT_THAT(Parsed("grpc+unix://" + path).CheckFree().message(), HasSubstr("in use"));
  EXPECT_TRUE(std::filesystem::exists(path));
  ::close(fd);
}

TEST(ListenAddress, RemovesASocketThatNobodyListensAt) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "s";
  ::close(BindUnix(path, /*listening=*/false));
  EXPECT_OK(Parsed("grpc+unix://" + path).CheckFree());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ListenAddress, LeavesAFileThatIsNoSocket) {
  const tests::TemporaryFolder folder;
  tests::WriteFile(folder / "s", "precious");
  EXPECT_THAT(Parsed("grpc+unix://" + (folder / "s")).CheckFree().message(),
              HasSubstr("no socket"));
  EXPECT_EQ(tests::ReadFile(folder / "s"), "precious");
}

TEST(ListenAddress, SaysThatTheFolderOfASocketIsMissing) {
  const tests::TemporaryFolder folder;
  EXPECT_THAT(Parsed("grpc+unix://" + (folder / "missing/s")).CheckFree().message(),
              HasSubstr("there is no folder"));
}

}  // namespace
}  // namespace pinion::flight
