#include "gateway/http/framing.hpp"

namespace planexe::gateway {

void append_websocket_text(std::string& out, std::string_view text) {
  constexpr char final_text = '\x81';
  constexpr std::size_t shortest = 125, short_length = 0xFFFF;
  const auto byte = [](std::uint64_t value) { return static_cast<char>(value & 0xFFU); };
  const std::uint64_t size = text.size();
  out += final_text;
  int length_bytes = 0;
  if (size <= shortest) {
    out += byte(size);
  } else {
    length_bytes = size <= short_length ? 2 : 8;
    out += byte(size <= short_length ? 126 : 127);
  }
  for (int i = length_bytes - 1; i >= 0; --i) out += byte(size >> (8U * static_cast<unsigned>(i)));
  out += text;
}

void append_server_sent_event(std::string& out, std::string_view text, std::optional<std::uint64_t> id) {
  if (id) out.append("id: ").append(std::to_string(*id)).append("\n");
  while (true) {
    const auto end = text.find_first_of("\r\n");
    out.append("data: ").append(text.substr(0, end)).append("\n");
    if (end == text.npos) break;
    const bool pair = text.substr(end, 2) == "\r\n";
    text.remove_prefix(end + (pair ? 2 : 1));
  }
  out += '\n';
}

void append_framed(std::string& out, framing form, std::string_view text, std::optional<std::uint64_t> id) {
  form == framing::websocket ? append_websocket_text(out, text) : append_server_sent_event(out, text, id);
}

}  // namespace planexe::gateway
