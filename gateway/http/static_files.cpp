#include "gateway/http/static_files.hpp"

#include <algorithm>

namespace planexe::gateway {
namespace {

// Scripts, styles and pictures of the server alone; nothing inline, no plug-ins, no frames, no forms elsewhere, and no
// text that turns into script.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Calls `use` with each member of a comma-separated list until it gives true.
template <class Use>
bool any_of_list(std::string_view list, Use use) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (use(trimmed(list.substr(0, comma)))) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

/// Whether `;q=…` says "not this": RFC 9110, 12.4.2. A weight that is none counts as one.
bool is_refused(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const auto weight = trimmed(parameters.substr(at + 2));
  return !weight.empty() && std::all_of(weight.begin(), weight.end(), [](char c) { return c == '0' || c == '.'; });
}

/// RFC 9110, 12.5.3. `*` alone is not taken for a wish to have it compressed.
bool takes(const request_head& asked, std::string_view coding) {
  return any_of_list(asked.header("accept-encoding").value_or(""), [coding](std::string_view member) {
    const auto end = std::min(member.find(';'), member.size());
    return equals_ignoring_case(trimmed(member.substr(0, end)), coding) && !is_refused(member.substr(end));
  });
}

/// RFC 9110, 13.1.2: weak comparison, for GET.
bool has_already(const request_head& asked, std::string_view quoted) {
  const auto known = asked.header("if-none-match");
  return known && any_of_list(*known, [quoted](std::string_view member) {
           if (member.starts_with("W/")) member.remove_prefix(2);
           return member == "*" || member == quoted;
         });
}

struct encoding {
  std::string_view bytes;
  std::string_view name;  ///< empty: as it is
};

encoding chosen(const static_file& file, const request_head& asked) {
  if (!file.brotli.empty() && takes(asked, "br")) return {file.brotli, "br"};
  if (!file.gzip.empty() && takes(asked, "gzip")) return {file.gzip, "gzip"};
  return {file.plain, {}};
}

}  // namespace

response static_answer(const static_file& file, const request_head& asked) {
  const auto [bytes, coding] = chosen(file, asked);
  // Each form is content of its own, so each has a tag of its own: RFC 9110, 8.8.3.3.
  std::string tag = '"' + std::string(file.tag);
  if (!coding.empty()) tag.append("-").append(coding);
  tag += '"';
  response answer;
  answer.headers = {
      {"ETag", tag},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", std::string(policy)},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"},
  };
  if (has_already(asked, tag)) {
    answer.status = 304;
    return answer;
  }
  answer.content_type = file.content_type;
  if (!coding.empty()) answer.headers.emplace_back("Content-Encoding", coding);
  answer.body = bytes;
  return answer;
}

void bind_static_files(router& routes, std::span<const static_file> files) {
  const auto find = [files](std::string_view path) {
    const auto found = std::find_if(files.begin(), files.end(), [path](const auto& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
  };
  const auto serve = [find](const request& asked, responder answer) {
    const auto* file = find(asked.path);
    if (file == nullptr) return answer.fail({problem_code::not_found, "no such file", {}, {}});
    answer.send(static_answer(*file, asked));
  };
  for (const auto* operation : {"dashboard", "dashboard_asset", "docs", "openapi"}) routes.bind(operation, serve);
}

}  // namespace planexe::gateway
