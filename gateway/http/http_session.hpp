// One HTTP connection: reads a request, has it answered, writes the answer, and goes on with the next. Requests of one
// connection are served one after another, so answers keep their order. Lives on its worker's thread; only deliver and
// deliver_stream come from others.
// What always holds: at most one socket operation is under way, and none while a handler has the request.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http/head_parser.hpp"
#include "gateway/http/responder.hpp"
#include "gateway/http/routes.hpp"
#include "gateway/http/worker.hpp"

namespace planexe::gateway {

class http_session final : public connection,
                           public response_sink,
                           public answer_target,
                           public std::enable_shared_from_this<http_session> {
 public:
  http_session(std::shared_ptr<worker> owner, tcp_socket socket, connection_slot slot, std::string remote_address);
  ~http_session() override;

  /// Registers with the worker and begins to read.
  void start();

  // response_sink: any thread.
  void deliver(std::uint64_t ticket, response answer) override;
  std::shared_ptr<push_peer> deliver_stream(std::uint64_t ticket, response head) override;

  void complete(std::uint64_t ticket, response answer, std::shared_ptr<stream_session> stream) override;
  void sweep(steady_time now) override;
  void drain() override;
  void abort() override { close(); }

 private:
  enum class phase : std::uint8_t { head, body, handling, writing, linger, gone };

  /// Serves what the buffer holds, as far as it goes without waiting. Every wait ends in a call of this.
  void serve();
  /// Each serves one step; false when the session now waits, or has ended.
  bool take_head();
  bool take_body();
  bool run_handler();

  // What a request must pass before its body is read. Each returns why not.
  std::optional<problem> check_host() const;
  std::optional<problem> check_origin(const route& asked) const;
  std::optional<problem> admit();
  void build_request(std::string_view path);
  bool is_trusted_origin(std::string_view origin) const;

  /// Answers without a handler. The body, if it is not here yet, is not waited for: the connection then ends.
  bool refuse(const problem& what);
  /// Answers and ends the connection, since what follows cannot be told apart any more.
  bool refuse_and_close(const problem& what);
  bool answer(response content);
  bool start_write();
  bool after_write();
  void upgrade();
  void start_stream(response head, std::shared_ptr<stream_session> stream);
  bool offer_continue();

  void read_head();
  void read_body();
  void on_read(error_code failure, std::size_t received);
  void on_write(error_code failure);
  void linger();
  void read_and_forget();
  void expire_read();
  bool is_body_too_slow(steady_time now) const;
  void release_body();
  void close();

  std::string_view buffered() const noexcept { return {in_.data() + in_begin_, in_end_ - in_begin_}; }

  std::shared_ptr<worker> worker_;
  tcp_socket socket_;
  std::optional<connection_slot> slot_;
  std::string remote_address_;

  phase phase_ = phase::head;
  bool close_after_ = false;
  bool timed_out_ = false;
  bool in_handler_ = false;
  bool is_first_byte_seen_ = false;
  steady_time deadline_{};

  std::vector<char> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::size_t scanned_ = 0;            ///< of the buffered bytes, known to hold no whole head
  std::size_t served_since_read_ = 0;  ///< requests that one read brought at once

  parsed_head head_;
  request request_;
  std::shared_ptr<const caller> caller_;  ///< of the request in the handler's hands
  const bound_route* route_ = nullptr;
  std::uint64_t body_missing_ = 0;  ///< bytes of the body still to come
  std::size_t body_filled_ = 0;
  std::size_t body_reserved_ = 0;  ///< counted in server_shared::body_bytes
  steady_time body_started_{};

  std::uint64_t ticket_ = 0;
  std::optional<response> inline_answer_;
  std::shared_ptr<stream_session> inline_stream_;

  std::string out_;
  std::string out_body_;  ///< a long body, written from where it is
  std::array<net::const_buffer, 2> out_buffers_;
  std::size_t lingered_ = 0;
};

}  // namespace planexe::gateway
