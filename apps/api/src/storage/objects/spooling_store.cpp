#include "storage/objects/spooling_store.hpp"

#include <algorithm>
#include <fcntl.h>
#include <random>
#include <unistd.h>

#include "core/race.hpp"
#include "storage/objects/spool_folder.hpp"

namespace retell::storage {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using core::ErrorCode;
using core::fail;

constexpr std::size_t most_at_once = 4;
constexpr auto look_again = 100ms;
constexpr auto first_pause = 1'000ms;  // after a failure; doubles
constexpr auto longest_pause = 60'000ms;

core::TimePoint now() { return std::chrono::steady_clock::now(); }

std::chrono::milliseconds pause_after(int attempts) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto most = std::min<std::chrono::milliseconds>(longest_pause, first_pause * (1 << std::min(attempts - 1, 10)));
  std::uniform_int_distribution<std::int64_t> spread(most.count() / 2, most.count());
  return std::chrono::milliseconds(spread(random));
}

void sync(const fs::path& path) {
  if (const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
}

// Moves a file into the spool so that it is there after a power cut too.
core::Result<> move_in(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  if (!fs::exists(from, problem)) {
    if (fs::exists(to, problem)) return {};  // taken over before
    return fail(ErrorCode::not_found, "there is no such file");
  }
  fs::create_directories(to.parent_path(), problem);
  sync(from);
  fs::rename(from, to, problem);
  if (problem == std::errc::cross_device_link) {
    const auto temporary = to.parent_path() / (".new-" + to.filename().string());
    fs::copy_file(from, temporary, fs::copy_options::overwrite_existing, problem);
    if (!problem) sync(temporary);
    if (!problem) fs::rename(temporary, to, problem);
    if (!problem) fs::remove(from, problem);
  }
  if (problem) return fail(ErrorCode::io, "cannot store " + to.filename().string() + ": " + problem.message());
  sync(to.parent_path());
  return {};
}

}  // namespace

SpoolingStore::SpoolingStore(std::unique_ptr<ObjectStore> remote, fs::path spool, core::BlockingPool& files,
                             core::Metrics& metrics, core::Logger log)
    : remote_(std::move(remote)),
      spool_(std::move(spool)),
      files_(files),
      log_(std::move(log)),
      waiting_gauge_(metrics.gauge("retell_spool_files", "Finished files that are not in the object store yet.")),
      sent_(metrics.counter("retell_uploads_total", "Files sent to the object store.", {{"outcome", "sent"}})),
      failed_(metrics.counter("retell_uploads_total", "Files sent to the object store.", {{"outcome", "failed"}})) {
  std::error_code ignored;
  fs::create_directories(spool_, ignored);
  for (const auto& file : list_spool(spool_)) add(file.name);
  if (!waiting_.empty()) log_.info("{} files wait in {} for the object store", waiting_.size(), spool_.string());
  thread_.start("spool", [this] { return run(); });
}

SpoolingStore::~SpoolingStore() { thread_.stop(); }

fs::path SpoolingStore::path_of(const std::string& name) const { return spool_ / spool_file_of(name); }

void SpoolingStore::add(const std::string& name) {
  const std::lock_guard lock(mutex_);
  waiting_.try_emplace(name, Waiting{now()});
  waiting_gauge_.set(static_cast<double>(waiting_.size()));
}

bool SpoolingStore::spooled(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(name);
  return found != waiting_.end() && !found->second.removed;
}

std::size_t SpoolingStore::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::vector<std::string> SpoolingStore::unsent() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, entry] : waiting_) {
    if (!entry.removed) names.push_back(name);
  }
  return names;
}

void SpoolingStore::hurry() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, entry] : waiting_) entry.next = now();
}

core::Task<core::Result<>> SpoolingStore::put(std::string name, std::string content) {
  co_return co_await remote_->put(std::move(name), std::move(content));
}

core::Task<core::Result<>> SpoolingStore::adopt(std::string name, std::string local_path) {
  if (!is_object_name(name)) co_return fail(ErrorCode::invalid, "not a valid object name");
  auto work = [from = fs::path(local_path), to = path_of(name)] { return move_in(from, to); };
  const auto moved = co_await files_.run(std::move(work));
  if (!moved && moved.error().code == ErrorCode::not_found) {
    const auto there = co_await remote_->size(name);
    if (there) co_return core::Result<>{};  // taken over before, and sent
  }
  if (moved) add(name);
  co_return moved;
}

core::Task<core::Result<std::uint64_t>> SpoolingStore::size(std::string name) {
  if (spooled(name)) {
    auto work = [path = path_of(name)]() -> core::Result<std::uint64_t> {
      std::error_code problem;
      const auto bytes = fs::file_size(path, problem);
      if (problem) return fail(ErrorCode::not_found, "there is no such file");
      return std::uint64_t{bytes};
    };
    const auto local = co_await files_.run(std::move(work));
    if (local) co_return local;  // or it was sent in this moment
  }
  co_return co_await remote_->size(std::move(name));
}

core::Task<core::Result<std::string>> SpoolingStore::read(std::string name, std::uint64_t offset, std::size_t length) {
  if (spooled(name)) {
    auto work = [path = path_of(name), offset, length]() -> core::Result<std::string> {
      const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0) return fail(ErrorCode::not_found, "there is no such file");
      std::string content(length, '\0');
      const auto count = ::pread(fd, content.data(), length, static_cast<off_t>(offset));
      ::close(fd);
      if (count < 0) return fail(ErrorCode::io, "cannot read " + path.filename().string());
      content.resize(static_cast<std::size_t>(count));
      return content;
    };
    auto local = co_await files_.run(std::move(work));
    if (local) co_return local;
  }
  co_return co_await remote_->read(std::move(name), offset, length);
}

core::Task<core::Result<>> SpoolingStore::remove(std::string name) {
  if (!is_object_name(name)) co_return fail(ErrorCode::invalid, "not a valid object name");
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = waiting_.find(name); found != waiting_.end()) {
      // Whoever is sending it removes what it sent.
      if (found->second.sending)
        found->second.removed = true;
      else
        waiting_.erase(found);
      waiting_gauge_.set(static_cast<double>(waiting_.size()));
    }
  }
  auto work = [spool = spool_, name, path = path_of(name)] {
    forget_failure(spool, name);
    std::error_code ignored;
    return fs::remove(path, ignored);
  };
  (void)co_await files_.run(std::move(work));
  co_return co_await remote_->remove(std::move(name));
}

core::Task<core::Result<std::optional<std::string>>> SpoolingStore::link(std::string name,
                                                                         std::chrono::seconds lifetime) {
  if (spooled(name)) co_return std::optional<std::string>();
  co_return co_await remote_->link(std::move(name), lifetime);
}

core::Task<void> SpoolingStore::run() {
  core::TaskGroup group(thread_.worker().executor(), log_);
  for (;;) {
    std::vector<std::string> due;
    {
      const std::lock_guard lock(mutex_);
      for (auto& [name, entry] : waiting_) {
        if (group.size() + due.size() >= most_at_once) break;
        if (entry.sending || entry.next > now()) continue;
        entry.sending = true;
        due.push_back(name);
      }
    }
    for (auto& name : due) group.spawn("upload", send(std::move(name)));
    co_await core::sleep_for(look_again);
  }
}

core::Task<void> SpoolingStore::send(std::string name) {
  const auto path = path_of(name).string();
  const auto outcome = co_await remote_->adopt(name, path);
  if (outcome) forget_failure(spool_, name);
  bool removed = false;
  int attempts = 0;
  {
    const std::lock_guard lock(mutex_);
    auto& entry = waiting_.at(name);
    entry.sending = false;
    removed = entry.removed;
    if (outcome || removed) {
      waiting_.erase(name);
    } else {
      attempts = ++entry.attempts;
      entry.next = now() + pause_after(attempts);
      // Once is trouble, the rest is patience.
      if (entry.attempts == 1) log_.warn("{} stays in the spool for now: {}", name, outcome.error().message);
    }
    waiting_gauge_.set(static_cast<double>(waiting_.size()));
  }
  (outcome ? sent_ : failed_).add();
  if (attempts > 0) note_failure(spool_, name, attempts, outcome.error().message);
  if (attempts > 0 && !spooled(name)) forget_failure(spool_, name);  // deleted in this moment
  if (removed) {
    std::error_code ignored;
    fs::remove(path, ignored);
    const auto gone = co_await remote_->remove(name);
    if (!gone)
      log_.error("{} was deleted while it was sent, and is still in the object store: {}", name, gone.error().message);
  }
}

}  // namespace retell::storage
