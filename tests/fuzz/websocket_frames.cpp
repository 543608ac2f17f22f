// Any bytes as the frames of a client, with the server's own limits, at once and in pieces: both must come to the same
// messages and the same end. What was said is framed as the server frames it, and must reach a client unchanged.
#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "gateway/http/framing.hpp"
#include "gateway/http/options.hpp"
#include "gateway/http/utf8.hpp"
#include "tests/fuzz/checks.hpp"

namespace {

using namespace planexe;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using pipe = beast::test::stream;
using boost::system::error_code;

const std::size_t longest_message = gateway::server_limits{}.websocket_message_bytes;

/// Both ends of a connection after its handshake.
struct connection {
  connection() {
    client.next_layer().connect(server.next_layer());
    error_code refused;
    server.async_accept([&](error_code failed) { refused = refused ? refused : failed; });
    client.async_handshake("fuzz", "/", [&](error_code failed) { refused = refused ? refused : failed; });
    context.run();
    fuzz::must(!refused, "a sound handshake is accepted");
    server.read_message_max(longest_message);
  }
  boost::asio::io_context context;
  websocket::stream<pipe> server{context}, client{context};
};

struct heard {
  std::vector<std::string> messages;
  std::size_t controls = 0;
  bool all_texts = true;
  error_code end;
};

/// Until the connection ends, or what is read is wrong.
heard listen(websocket::stream<pipe>& to, std::size_t longest) {
  heard all;
  to.control_callback([&](websocket::frame_type, beast::string_view) { ++all.controls; });
  beast::flat_buffer room(longest + 4'096);  // as in websocket_session
  while (true) {
    to.read(room, all.end);
    if (all.end) return all;
    const auto data = room.cdata();
    all.messages.emplace_back(static_cast<const char*>(data.data()), data.size());
    fuzz::must(all.messages.back().size() <= longest, "no message is longer than the limit");
    fuzz::must(!to.got_text() || gateway::is_utf8(all.messages.back()), "a text is UTF-8");
    all.all_texts = all.all_texts && to.got_text();
    room.consume(room.size());
  }
}

heard hear_client(std::string_view bytes, std::size_t piece) {
  connection between;
  between.server.next_layer().read_size(piece);
  between.server.next_layer().append({bytes.data(), bytes.size()});
  between.server.next_layer().close_remote();
  return listen(between.server, longest_message);
}

void check_framed(const std::vector<std::string>& texts) {
  connection between;
  std::string frames;
  std::size_t longest = 0;
  for (const auto& text : texts) {
    gateway::append_websocket_text(frames, text);
    longest = std::max(longest, text.size());
  }
  between.client.next_layer().append(frames);
  between.client.next_layer().close_remote();
  const auto arrived = listen(between.client, longest);
  fuzz::must(arrived.messages == texts && arrived.all_texts, "what the server frames arrives unchanged");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto whole = hear_client(bytes, std::numeric_limits<std::size_t>::max());
  const auto pieces = hear_client(bytes, size == 0 ? 1 : 1 + data[size - 1] % 7);
  fuzz::must(pieces.messages == whole.messages, "pieces say what the whole says");
  fuzz::must(pieces.controls == whole.controls && pieces.end == whole.end, "pieces end as the whole does");

  std::vector<std::string> texts;
  for (const auto& message : whole.messages)
    if (gateway::is_utf8(message)) texts.push_back(message);
  texts.emplace_back(size % 70'000, 'x');  // each length of a length
  check_framed(texts);
  return 0;
}
