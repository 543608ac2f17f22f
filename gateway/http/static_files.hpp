// Files that were put into the program when it was built: the pages, and the OpenAPI document. They are told apart by
// an entity tag, sent compressed where the client takes that, and carry the policy that lets the page load nothing from
// anywhere else.
#pragma once

#include <span>
#include <string_view>

#include "gateway/http/routes.hpp"

namespace planexe::gateway {

/// The texts must outlive the router: they are part of the program.
struct static_file {
  std::string_view path;  ///< "/assets/index-4f2a.js"
  std::string_view content_type;
  std::string_view tag;    ///< a strong entity tag without its quotes: it names the content
  bool immutable = false;  ///< the path names the content too, so it may be kept for ever
  std::string_view plain;
  std::string_view gzip;    ///< empty: not worth it
  std::string_view brotli;  ///< empty: not worth it
};

/// Binds the operations that send a file: each sends the one of the path that was asked for.
void bind_static_files(router& routes, std::span<const static_file> files);

/// What to send for `file`: the smallest form that the client takes, or 304 where it has the file already.
response static_answer(const static_file& file, const request_head& asked);

}  // namespace planexe::gateway
