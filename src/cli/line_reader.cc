#include "cli/line_reader.h"

#include <cerrno>
#include <termios.h>

#include <arrow/util/io_util.h>

#include "cli/client.h"

namespace pinion::cli {

namespace {

// Keys come one by one, unechoed, and Ctrl-C is a key among them.
class RawMode {
 public:
  static arrow::Result<RawMode> Enter(int fd) {
    termios before{};
    if (::tcgetattr(fd, &before) != 0) return Failed();
    termios raw = before;
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON);
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    // DRAIN, not FLUSH: what was typed ahead counts.
    if (::tcsetattr(fd, TCSADRAIN, &raw) != 0) return Failed();
    return RawMode(fd, before);
  }
  ~RawMode() {
    if (fd_ >= 0) ::tcsetattr(fd_, TCSADRAIN, &before_);
  }
  RawMode(RawMode&& other) noexcept : fd_(other.fd_), before_(other.before_) {
    other.fd_ = -1;
  }
  RawMode& operator=(RawMode&&) = delete;

 private:
  RawMode(int fd, const termios& before) : fd_(fd), before_(before) {}

  static arrow::Status Failed() {
    return arrow::internal::IOErrorFromErrno(errno, "cannot set up the terminal");
  }

  int fd_;
  termios before_;
};

}  // namespace

arrow::Result<std::optional<std::string>> LineReader::ReadLine(std::string_view prompt) {
  using Outcome = LineEditor::Outcome;
  ARROW_ASSIGN_OR_RAISE(const auto raw, RawMode::Enter(context_.in.fd()));
  editor_.Start();
  std::string keys;
  while (true) {
    const Outcome outcome = editor_.Feed(keys);
    const std::string clear = outcome == Outcome::kClear ? "\x1b[H\x1b[2J" : "";
    ARROW_RETURN_NOT_OK(
        context_.out.Write(clear + ShowLine(prompt, editor_.line(), editor_.cursor(),
                                            context_.out_terminal.width)));
    ARROW_RETURN_NOT_OK(context_.out.Flush());
    if (outcome == Outcome::kDone || outcome == Outcome::kEnd ||
        outcome == Outcome::kInterrupt) {
      ARROW_RETURN_NOT_OK(context_.out.Write("\n"));
    }
    if (outcome == Outcome::kDone) return editor_.line();
    if (outcome == Outcome::kEnd) return std::nullopt;
    if (outcome == Outcome::kInterrupt) return Interrupted();
    ARROW_ASSIGN_OR_RAISE(keys, context_.in.ReadSome(context_.stop));
    if (keys.empty()) return std::nullopt;
  }
}

}  // namespace pinion::cli
