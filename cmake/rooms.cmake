# What every target shares: warnings as errors, the room's own view of the headers, precompiled headers.

add_library(planexe_settings INTERFACE)
target_compile_options(planexe_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wconversion
  -Wsign-conversion -Wnull-dereference -Wno-missing-field-initializers -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these two inside its own standard library when it inlines std::string and std::variant.
  target_compile_options(planexe_settings INTERFACE -Wno-null-dereference -Wno-restrict -Wno-maybe-uninitialized
    -fpch-preprocess -Winvalid-pch)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
    # Asio's fences are not modelled by ThreadSanitizer; g++ says so at every use.
    target_compile_options(planexe_settings INTERFACE -Wno-tsan)
  endif()
endif()

# room(NAME SOURCES… PCH header…): a static library of one folder. Its headers are reached as "NAME/x.hpp" through a
# directory that holds this room alone, so including a room that is not linked does not compile.
function(room NAME)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PCH;PUBLIC;PRIVATE" ${ARGN})
  add_library(planexe_${NAME} STATIC ${ROOM_SOURCES})
  set(view ${CMAKE_BINARY_DIR}/rooms/${NAME})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${NAME} SYMBOLIC)
  target_include_directories(planexe_${NAME} PUBLIC ${view})
  target_link_libraries(planexe_${NAME} PUBLIC ${ROOM_PUBLIC} PRIVATE planexe_settings ${ROOM_PRIVATE})
  if(ROOM_PCH)
    target_precompile_headers(planexe_${NAME} PRIVATE ${ROOM_PCH})
  endif()
endfunction()
