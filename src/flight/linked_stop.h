#pragma once

#include <stop_token>
#include <utility>

namespace pinion::flight {

// A stop source that also stops when another token says so.
class LinkedStop {
 public:
  explicit LinkedStop(std::stop_token upstream)
      : on_upstream_(std::move(upstream), Request{&source_}) {}
  LinkedStop(const LinkedStop&) = delete;
  LinkedStop& operator=(const LinkedStop&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  void RequestStop() { source_.request_stop(); }

 private:
  struct Request {
    std::stop_source* source;
    void operator()() const { source->request_stop(); }
  };

  std::stop_source source_;
  std::stop_callback<Request> on_upstream_;
};

}  // namespace pinion::flight
