# One compiler, one language level, warnings as errors, and caches that hit from any checkout folder.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  # GCC 12 miscompiles ordinary coroutine code (double frees in aggregates and lambdas next to co_await).
  message(FATAL_ERROR "Clang 19 or newer is needed; found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}. Use a preset: cmake --preset dev")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)

find_program(RETELL_CCACHE ccache)
if(RETELL_CCACHE)
  set(_launch ${CMAKE_CURRENT_SOURCE_DIR}/cmake/launch.sh)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launch})
  set(CMAKE_C_COMPILER_LAUNCHER ${_launch})
endif()

add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>" -fno-omit-frame-pointer)
add_link_options(-fuse-ld=mold)

if(RETELL_SANITIZE)
  add_compile_options(-fsanitize=${RETELL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RETELL_SANITIZE})
endif()
if(RETELL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# For our own modules only; third-party sources built here keep their own warnings.
set(RETELL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wnull-dereference -Wimplicit-fallthrough -Werror)
