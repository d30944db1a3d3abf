// Requests' bodies that are too large for memory: each in a file without a name, which is gone when its last holder is,
// whatever happens to the process. All work with the disk is done on a pool.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/result.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"

namespace retell::net {

class BodyFile {
 public:
  ~BodyFile();
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;

  // One at a time. io when the disk is full.
  [[nodiscard]] core::Task<core::Result<>> append(std::string bytes);
  // Runs `work` on the pool with the whole body, which stays where it is for as long as this lives; nothing is appended
  // any more.
  template <class F>
  [[nodiscard]] core::Task<std::invoke_result_t<F, std::string_view>> with_whole(F work) {
    auto job = [this, work = std::move(work)] { return work(map()); };
    co_return co_await pool_.run(std::move(job));
  }

 private:
  friend class BodyStore;
  BodyFile(core::BlockingPool& pool, std::shared_ptr<std::atomic<int>> open, int descriptor)
      : pool_(pool), open_(std::move(open)), descriptor_(descriptor) {}
  [[nodiscard]] std::string_view map();  // on the pool

  core::BlockingPool& pool_;
  std::shared_ptr<std::atomic<int>> open_;
  int descriptor_;
  std::size_t size_ = 0;
  const char* mapped_ = nullptr;
};

// Where they are kept. Any thread.
class BodyStore {
 public:
  // `pool` must outlive the store and all its files. `most`: files at a time.
  BodyStore(core::BlockingPool& pool, std::string folder, int most)
      : pool_(pool), folder_(std::move(folder)), most_(most) {}

  // rate_limited when there are as many as may be; io.
  [[nodiscard]] core::Task<core::Result<std::shared_ptr<BodyFile>>> make();

 private:
  core::BlockingPool& pool_;
  std::string folder_;
  int most_;
  std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

// A part of a request's body, wherever the body is kept. The request must outlive it.
struct BodyPart {
  std::string_view bytes;
  BodyFile* file = nullptr;  // where they lie, when not in memory

  [[nodiscard]] core::Task<std::string> copy() const;
};

}  // namespace retell::net
