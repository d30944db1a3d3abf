#include "providers/local/onnx_runtime.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <utility>

#include "providers/local/cpu.hpp"

namespace retell::providers::local {
namespace {

// Opaque handles of the library.
struct Status;
struct Env;
struct Session;
struct SessionOptions;
struct Value;
struct MemoryInfo;
struct TensorInfo;
struct Allocator;
struct RunOptions;

// Version 17 of the table (ONNX Runtime 1.17) has every function used; newer libraries still hand it out.
constexpr std::uint32_t table_version = 17;

// Positions in OrtApi, in the order in which onnxruntime_c_api.h declares its members.
enum Position : std::size_t {
  get_error_message = 2,
  create_env = 3,
  disable_telemetry = 6,
  create_session = 7,
  run_session = 9,
  create_session_options = 10,
  set_optimization_level = 23,
  set_intra_op_threads = 24,
  set_inter_op_threads = 25,
  get_output_name = 37,
  create_tensor = 49,
  get_tensor_data = 51,
  get_element_count = 64,
  get_tensor_info = 65,
  create_cpu_memory_info = 69,
  free_in_allocator = 76,
  get_allocator = 78,
  release_status = 93,
  release_memory_info = 94,
  release_session = 95,
  release_value = 96,
  release_tensor_info = 99,
  release_session_options = 100,
  add_session_config = 130,
  table_size_used = 131,
};

constexpr int element_float = 1;
constexpr int element_int64 = 7;
constexpr int log_errors_only = 3;
constexpr int all_optimizations = 99;
constexpr int arena_allocator = 1;
constexpr int default_memory = 0;

struct ApiBase {
  const void* const* (*get_api)(std::uint32_t version);
  const char* (*get_version)();
};

class Library {
 public:
  // Opened once and never closed: ONNX Runtime keeps threads and tables of its own until the process ends.
  static core::Result<const Library*> get() {
    static Library library;
    static std::once_flag once;
    static core::Result<> opened;
    std::call_once(once, [] { opened = library.open(); });
    if (!opened) return tl::unexpected(opened.error());
    return &library;
  }

  template <class Signature>
  [[nodiscard]] Signature* function(Position position) const {
    return reinterpret_cast<Signature*>(const_cast<void*>(table_[position]));
  }
  // Null status is success; anything else becomes an error and is released.
  [[nodiscard]] core::Result<> check(Status* status, std::string_view what) const {
    if (status == nullptr) return {};
    std::string message = function<const char*(const Status*)>(get_error_message)(status);
    function<void(Status*)>(release_status)(status);
    return core::fail(core::ErrorCode::unavailable, fmt::format("{}: {}", what, message));
  }
  template <Position position, class... A>
  [[nodiscard]] core::Result<> call(std::string_view what, A... arguments) const {
    return check(function<Status*(A...)>(position)(arguments...), what);
  }
  [[nodiscard]] Env* env() const { return env_; }
  [[nodiscard]] MemoryInfo* memory() const { return memory_; }

 private:
  core::Result<> open() {
    std::vector<std::string> places;
    if (const char* set = std::getenv("RETELL_ONNXRUNTIME"); set != nullptr) places.emplace_back(set);
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    places.push_back((program.parent_path() / "lib" / "libonnxruntime.so.1").string());
    places.emplace_back(RETELL_ONNXRUNTIME_BUILT);
    places.emplace_back("libonnxruntime.so.1");
    void* handle = nullptr;
    for (const auto& place : places) {
      handle = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (handle != nullptr) break;
    }
    if (handle == nullptr) {
      return core::fail(core::ErrorCode::unavailable,
                        "libonnxruntime.so.1 was not found; run scripts/engines.sh or set RETELL_ONNXRUNTIME");
    }
    const auto base = reinterpret_cast<const ApiBase* (*)()>(::dlsym(handle, "OrtGetApiBase"));
    table_ = base == nullptr ? nullptr : base()->get_api(table_version);
    if (table_ == nullptr) {
      return core::fail(core::ErrorCode::unavailable, "the ONNX Runtime that was found is older than 1.17");
    }
    if (auto made = call<create_env>("ONNX Runtime", log_errors_only, "retell", &env_); !made) return made;
    if (auto quiet = call<disable_telemetry>("ONNX Runtime", static_cast<const Env*>(env_)); !quiet) return quiet;
    return call<create_cpu_memory_info>("ONNX Runtime", arena_allocator, default_memory, &memory_);
  }

  const void* const* table_ = nullptr;
  Env* env_ = nullptr;
  MemoryInfo* memory_ = nullptr;
};

template <class T, Position release>
class Handle {
 public:
  explicit Handle(const Library& library) : library_(library) {}
  ~Handle() {
    if (pointer_ != nullptr) library_.function<void(T*)>(release)(pointer_);
  }
  Handle(Handle&& other) noexcept : library_(other.library_), pointer_(std::exchange(other.pointer_, nullptr)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&&) = delete;
  [[nodiscard]] T* get() const { return pointer_; }
  [[nodiscard]] T** out() { return &pointer_; }

 private:
  const Library& library_;
  T* pointer_ = nullptr;
};

class DynamicSession final : public OnnxSession {
 public:
  explicit DynamicSession(const Library& library) : library_(library), session_(library) {}

  core::Result<> load(const std::filesystem::path& model, int threads) {
    Handle<SessionOptions, release_session_options> options(library_);
    const auto what = model.filename().string();
    if (auto done = library_.call<create_session_options>(what, options.out()); !done) return done;
    if (auto done = library_.call<set_intra_op_threads>(what, options.get(), threads); !done) return done;
    if (auto done = library_.call<set_inter_op_threads>(what, options.get(), 1); !done) return done;
    if (auto done = library_.call<set_optimization_level>(what, options.get(), all_optimizations); !done) return done;
    // Idle threads sleep: spinning ones would take the workers' processors.
    if (auto done = library_.call<add_session_config>(what, options.get(), "session.intra_op.allow_spinning", "0");
        !done) {
      return done;
    }
    if (auto done = library_.call<create_session>(what, static_cast<const Env*>(library_.env()), model.c_str(),
                                                  static_cast<const SessionOptions*>(options.get()), session_.out());
        !done) {
      return done;
    }
    Allocator* allocator = nullptr;
    if (auto done = library_.call<get_allocator>(what, &allocator); !done) return done;
    char* name = nullptr;
    if (auto done = library_.call<get_output_name>(what, static_cast<const Session*>(session_.get()), std::size_t{0},
                                                   allocator, &name);
        !done) {
      return done;
    }
    output_ = name;
    return library_.call<free_in_allocator>(what, allocator, static_cast<void*>(name));
  }

  using OnnxSession::run;
  core::Result<std::vector<std::vector<float>>> run(const std::vector<OnnxTensor>& inputs,
                                                    const std::vector<std::string>& outputs) const override {
    using Tensor = Handle<Value, release_value>;
    std::vector<Tensor> tensors;
    std::vector<const Value*> values;
    std::vector<const char*> names;
    tensors.reserve(inputs.size());
    for (const auto& input : inputs) {
      auto& tensor = tensors.emplace_back(library_);
      if (auto made = wrap(input, tensor.out()); !made) return tl::unexpected(made.error());
      values.push_back(tensor.get());
      names.push_back(input.name.c_str());
    }
    std::vector<const char*> wanted;
    wanted.reserve(outputs.size());
    for (const auto& output : outputs) wanted.push_back(output.c_str());
    std::vector<Value*> raw(outputs.size(), nullptr);
    if (auto ran = library_.call<run_session>("ONNX model", session_.get(), static_cast<const RunOptions*>(nullptr),
                                              names.data(), values.data(), values.size(), wanted.data(), wanted.size(),
                                              raw.data());
        !ran) {
      return tl::unexpected(ran.error());
    }
    std::vector<Tensor> results;
    results.reserve(raw.size());
    for (auto* value : raw) *results.emplace_back(library_).out() = value;
    std::vector<std::vector<float>> all;
    for (const auto& result : results) {
      auto floats = unwrap(result.get());
      if (!floats) return tl::unexpected(floats.error());
      all.push_back(std::move(*floats));
    }
    return all;
  }
  [[nodiscard]] const std::string& first_output() const override { return output_; }

 private:
  core::Result<> wrap(const OnnxTensor& input, Value** out) const {
    return std::visit(
        [&](auto span) {
          using Element = std::remove_const_t<typename decltype(span)::element_type>;
          constexpr int type = std::is_same_v<Element, float> ? element_float : element_int64;
          // The library only reads its inputs; its interface knows no const.
          void* data = const_cast<Element*>(span.data());
          return library_.call<create_tensor>(input.name, static_cast<const MemoryInfo*>(library_.memory()), data,
                                              span.size_bytes(), input.shape.data(), input.shape.size(), type, out);
        },
        input.values);
  }

  core::Result<std::vector<float>> unwrap(Value* value) const {
    Handle<TensorInfo, release_tensor_info> info(library_);
    std::size_t count = 0;
    float* data = nullptr;
    if (auto got = library_.call<get_tensor_info>("ONNX model", static_cast<const Value*>(value), info.out()); !got) {
      return tl::unexpected(got.error());
    }
    if (auto got = library_.call<get_element_count>("ONNX model", static_cast<const TensorInfo*>(info.get()), &count);
        !got) {
      return tl::unexpected(got.error());
    }
    if (auto got = library_.call<get_tensor_data>("ONNX model", value, reinterpret_cast<void**>(&data)); !got) {
      return tl::unexpected(got.error());
    }
    return std::vector<float>(data, data + count);
  }

  const Library& library_;
  Handle<Session, release_session> session_;
  std::string output_;
};

}  // namespace

core::Result<std::vector<float>> OnnxSession::run(const std::vector<OnnxTensor>& inputs) const {
  auto all = run(inputs, std::vector<std::string>{first_output()});
  if (!all) return tl::unexpected(all.error());
  return std::move(all->front());
}

core::Result<std::unique_ptr<OnnxSession>> load_onnx(const std::filesystem::path& model, int threads) {
  const auto library = Library::get();
  if (!library) return tl::unexpected(library.error());
  auto session = std::make_unique<DynamicSession>(**library);
  if (auto loaded = session->load(model, threads); !loaded) return tl::unexpected(loaded.error());
  return session;
}

}  // namespace retell::providers::local
