// The engines are built for processors with AVX2, FMA and F16C (Intel since 2013, AMD since 2015): said clearly at the
// first load instead of dying with an illegal instruction.
#pragma once
#include "core/result.hpp"

namespace retell::providers::local {

[[nodiscard]] inline core::Result<> check_cpu() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) {
    return core::fail(core::ErrorCode::unavailable,
                      "this processor has no AVX2, FMA and F16C, which the in-process engines are built for; use a "
                      "provider over the network, or build with -DRETELL_LOCAL_MODELS=OFF");
  }
#endif
  return {};
}

}  // namespace retell::providers::local
