# The in-process engines as imported targets: retell::whisper, retell::llama, retell::flite, retell::pocketsphinx.
# scripts/engines.sh fetches and builds the first two once into the cache (minutes the first time, nothing later).
# ONNX Runtime has no target: its library is opened at run time, and RETELL_ONNXRUNTIME names the one in the cache.
execute_process(
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/../../../scripts/engines.sh
  OUTPUT_VARIABLE RETELL_ENGINES OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE engines_failed)
if(engines_failed)
  message(FATAL_ERROR "scripts/engines.sh failed; -DRETELL_LOCAL_MODELS=OFF builds without the in-process engines")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/engines/engines.lock ${CMAKE_CURRENT_LIST_DIR}/engines/llama/CMakeLists.txt
  ${CMAKE_CURRENT_LIST_DIR}/../../../scripts/engines.sh)
set(RETELL_ONNXRUNTIME ${RETELL_ENGINES}/lib/libonnxruntime.so.1)

find_package(Threads REQUIRED)

add_library(retell::whisper INTERFACE IMPORTED)
target_include_directories(retell::whisper SYSTEM INTERFACE ${RETELL_ENGINES}/include)
target_link_libraries(retell::whisper INTERFACE
  ${RETELL_ENGINES}/lib/libwhisper.a ${RETELL_ENGINES}/lib/libggml.a ${RETELL_ENGINES}/lib/libggml-cpu.a
  ${RETELL_ENGINES}/lib/libggml-base.a Threads::Threads ${CMAKE_DL_LIBS} m)

# Included as <llama/llama.h>: beside whisper.h lie other headers of the same names.
add_library(retell::llama INTERFACE IMPORTED)
target_include_directories(retell::llama SYSTEM INTERFACE ${RETELL_ENGINES}/include)
target_link_libraries(retell::llama INTERFACE ${RETELL_ENGINES}/lib/libretell_llama.a Threads::Threads ${CMAKE_DL_LIBS} m)

# Debian's flite has neither pkg-config nor CMake files.
find_path(FLITE_INCLUDE_DIR flite/flite.h)
set(flite_libraries)
foreach(name flite_cmu_us_slt flite_cmu_us_rms flite_cmu_us_awb flite_usenglish flite_cmulex flite)
  find_library(FLITE_${name} ${name})
  if(NOT FLITE_${name})
    message(FATAL_ERROR "lib${name} was not found; install flite1-dev")
  endif()
  list(APPEND flite_libraries ${FLITE_${name}})
endforeach()
add_library(retell::flite INTERFACE IMPORTED)
target_include_directories(retell::flite SYSTEM INTERFACE ${FLITE_INCLUDE_DIR})
target_link_libraries(retell::flite INTERFACE ${flite_libraries} m)

# Debian's pocketsphinx.pc names a folder that does not exist: the headers lie in the multiarch folder.
find_path(POCKETSPHINX_INCLUDE_DIR pocketsphinx.h PATH_SUFFIXES pocketsphinx)
find_path(SPHINXBASE_INCLUDE_DIR sphinxbase/cmd_ln.h)
find_path(SPHINXBASE_CONFIG_DIR sphinx_config.h PATH_SUFFIXES sphinxbase)
find_library(POCKETSPHINX_LIBRARY pocketsphinx)
find_library(SPHINXBASE_LIBRARY sphinxbase)
if(NOT POCKETSPHINX_LIBRARY OR NOT POCKETSPHINX_INCLUDE_DIR)
  message(FATAL_ERROR "PocketSphinx was not found; install libpocketsphinx-dev libsphinxbase-dev pocketsphinx-en-us")
endif()
add_library(retell::pocketsphinx INTERFACE IMPORTED)
target_include_directories(retell::pocketsphinx SYSTEM INTERFACE ${POCKETSPHINX_INCLUDE_DIR} ${SPHINXBASE_INCLUDE_DIR})
if(SPHINXBASE_CONFIG_DIR)
  target_include_directories(retell::pocketsphinx SYSTEM INTERFACE ${SPHINXBASE_CONFIG_DIR})
endif()
target_link_libraries(retell::pocketsphinx INTERFACE ${POCKETSPHINX_LIBRARY} ${SPHINXBASE_LIBRARY})
