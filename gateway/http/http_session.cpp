#include "gateway/http/http_session.hpp"

#include <algorithm>
#include <utility>

#include "gateway/auth/caller.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/stream_session.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/websocket_session.hpp"

namespace planexe::gateway {

namespace {

constexpr std::size_t first_buffer = 4'096;  // most heads fit, and ten thousand idle connections cost 40 MB

// Shorter bodies are copied behind the head: one buffer for the system call, and the copy is cheaper than a second.
constexpr std::size_t copied_body = 16'384;

// The first piece of memory for a body that has yet to come; it doubles as the bytes do.
constexpr std::size_t first_body_piece = 16'384;

problem malformed(std::string detail) {
  return {problem_code::malformed_request, std::move(detail), {}, {}};
}

bool is_unsafe(method verb) {
  return verb != method::get && verb != method::head && verb != method::options;
}

}  // namespace

http_session::http_session(std::shared_ptr<worker> owner, tcp_socket socket, connection_slot slot,
                           std::string remote_address)
    : worker_(std::move(owner)),
      socket_(std::move(socket)),
      slot_(std::move(slot)),
      remote_address_(std::move(remote_address)),
      in_(std::min(first_buffer, worker_->limits().header_bytes)) {}

http_session::~http_session() {
  release_body();
}

void http_session::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  error_code failure;
  socket_.non_blocking(true, failure);
  worker_->add(shared_from_this());
  if (failure) return close();
  deadline_ = std::chrono::steady_clock::now() + worker_->limits().idle_time;
  read_head();
}

// --- serving -------------------------------------------------------------------------------------------------------

void http_session::serve() {
  const worker::busy_scope busy{*worker_};
  bool goes_on = true;
  while (goes_on) {
    switch (phase_) {
      case phase::head:
        goes_on = take_head();
        break;
      case phase::body:
        goes_on = take_body();
        break;
      default:
        goes_on = false;
    }
  }
}

bool http_session::take_head() {
  const auto found = parse_head(buffered(), scanned_, worker_->limits().header_bytes, head_);
  if (found.outcome == head_outcome::incomplete) {
    scanned_ = in_end_ - in_begin_;
    read_head();
    return false;
  }
  ++ticket_;
  scanned_ = 0;
  if (found.outcome == head_outcome::refused) {
    worker_->counters().heads_refused.add(1);
    head_.keep_alive = false;
    head_.verb = method::get;
    return refuse_and_close({found.code, std::string{found.detail}, {}, {}});
  }
  in_begin_ += found.consumed;
  body_missing_ = head_.content_length;
  body_filled_ = 0;
  worker_->counters().requests.add(1);
  if (++served_since_read_ > worker_->limits().pipelined_requests)
    return refuse_and_close(malformed("too many requests were sent without waiting for their answers"));
  if (auto fault = check_host()) return refuse_and_close(*fault);

  // The views into the buffer end with the next read, so the request is built before any.
  request_ = request{};
  if (auto fault = admit()) return refuse(*fault);
  if (route_ == nullptr) return phase_ == phase::head;  // answered already: OPTIONS
  if (head_.wants_websocket && route_->route.websocket && head_.verb == method::get) {
    upgrade();
    return phase_ == phase::head;
  }
  if (!route_->handler) {
    if (route_->route.websocket)
      return refuse({problem_code::upgrade_required, "this is a WebSocket", {}, {{"Upgrade", "websocket"}}});
    return refuse(unavailable("this operation is not available"));
  }
  phase_ = phase::body;
  return true;
}

std::optional<problem> http_session::admit() {
  route_ = nullptr;
  const std::string_view target = head_.target;
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (question != target.npos) {
    auto query = parse_query(target.substr(question + 1));
    if (!query) return malformed("the query is not valid");
    request_.query_parameters = std::move(*query);
  }
  route_match match = worker_->shared()->routes.match(head_.verb, path, request_.parameters);
  if (path == "*") match = {route_match::outcome::options, nullptr, "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"};
  switch (match.what) {
    case route_match::outcome::malformed:
      return malformed("the path is not valid");
    case route_match::outcome::not_found:
      return problem{problem_code::not_found, "there is nothing here", {}, {}};
    case route_match::outcome::wrong_method:
      return problem{problem_code::method_not_allowed,
                     "this method is not one of the path's",
                     {},
                     {{"Allow", std::string{match.allow}}}};
    case route_match::outcome::options:
      if (buffered().size() < body_missing_) return malformed("OPTIONS takes no body");
      in_begin_ += static_cast<std::size_t>(std::exchange(body_missing_, 0));
      answer(response{204, {}, {}, {{"Allow", std::string{match.allow}}}});
      return std::nullopt;
    case route_match::outcome::found:
      break;
  }
  if (auto fault = check_origin(match.target->route)) return fault;
  build_request(path);
  request_.operation = match.target->route.operation;
  if (const auto& authenticate = worker_->shared()->options.authenticate) {
    try {
      if (auto fault = authenticate(request_, match.target->route)) return fault;
    } catch (...) {
      return problem{problem_code::internal_error, "the request could not be authenticated", {}, {}};
    }
  }
  if (head_.content_length > match.target->route.body_limit)
    return problem{problem_code::payload_too_large,
                   "the body may have " + std::to_string(match.target->route.body_limit) + " bytes",
                   {},
                   {}};
  route_ = match.target;
  caller_ = request_.caller;
  return std::nullopt;
}

void http_session::build_request(std::string_view path) {
  request_.verb = head_.verb;
  request_.target = head_.target;
  request_.path = path;
  request_.remote_address = remote_address_;
  request_.keep_alive = head_.keep_alive;
  request_.reserve_headers(head_.fields.size(), head_.field_bytes);
  for (const auto& field : head_.fields) request_.add_header(field.name, field.value);
}

std::optional<problem> http_session::check_host() const {
  const auto& allowed = worker_->shared()->options.allowed_hosts;
  if (allowed.empty()) return std::nullopt;
  const std::string_view name = host_name(head_.host);
  for (const auto& each : allowed)
    if (equals_ignoring_case(each, name)) return std::nullopt;
  return malformed("this host is not served here");
}

bool http_session::is_trusted_origin(std::string_view origin) const {
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end != origin.npos && equals_ignoring_case(origin.substr(scheme_end + 3), head_.host)) return true;
  const auto& allowed = worker_->shared()->options.allowed_origins;
  return std::any_of(allowed.begin(), allowed.end(),
                     [origin](const std::string& each) { return equals_ignoring_case(each, origin); });
}

std::optional<problem> http_session::check_origin(const route& asked) const {
  // Browsers say where a script comes from on everything that changes something and on every WebSocket; other clients
  // say nothing. Without this any page a person visits could steer a server that listens on loopback. Of a GET, and a
  // poll is one that hands work out, they may tell only that it came from another site; open pages can be linked to.
  if (!is_unsafe(head_.verb) && !head_.wants_websocket && asked.required == access::open) return std::nullopt;
  const auto value_of = [this](std::string_view name) -> std::optional<std::string_view> {
    const auto& fields = head_.fields;
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [name](const auto& field) { return equals_ignoring_case(field.name, name); });
    return found == fields.end() ? std::nullopt : std::optional<std::string_view>{found->value};
  };
  const auto site = value_of("sec-fetch-site");
  const auto origin = value_of("origin");
  const bool is_foreign = origin ? !is_trusted_origin(*origin) : site == "cross-site" || site == "same-site";
  if (!is_foreign) return std::nullopt;
  return problem{problem_code::forbidden, "this origin may not do this", {}, {}};
}

bool http_session::take_body() {
  if (body_filled_ == 0 && body_missing_ > 0) {
    const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(body_missing_, buffered().size()));
    request_.body.assign(in_.data() + in_begin_, here);
    in_begin_ += here;
    body_filled_ = here;
    body_missing_ -= here;
    body_started_ = std::chrono::steady_clock::now();
    if (body_missing_ > 0 && head_.expects_continue && here == 0 && !offer_continue()) return false;
  }
  if (body_missing_ == 0) return run_handler();
  // Memory grows with the bytes that have come, not with the length that was claimed.
  if (body_filled_ == request_.body.size()) {
    const std::size_t piece = std::max(first_body_piece, body_filled_);
    const auto grown = static_cast<std::size_t>(std::min<std::uint64_t>(piece, body_missing_));
    body_reserved_ += grown;
    auto& in_flight = worker_->shared()->body_bytes;
    if (in_flight.fetch_add(grown) + grown > worker_->limits().body_bytes_in_flight)
      return refuse_and_close(unavailable("memory for request bodies is exhausted"));
    request_.body.resize(body_filled_ + grown);
  }
  read_body();
  return false;
}

bool http_session::run_handler() {
  phase_ = phase::handling;
  deadline_ = std::chrono::steady_clock::now() + worker_->limits().handler_time;
  in_handler_ = true;
  bool failed = false;
  try {
    route_->handler(std::move(request_), responder{shared_from_this(), ticket_});
  } catch (...) {
    // A handler's fault costs its own request and no other; what it was stays inside.
    failed = true;
  }
  in_handler_ = false;
  if (failed) {
    inline_stream_.reset();
    inline_answer_ = to_response({problem_code::internal_error, "the request met an error of the server", {}, {}});
  }
  if (!inline_answer_) return false;
  response content = std::move(*inline_answer_);
  inline_answer_.reset();
  if (inline_stream_) {
    start_stream(std::move(content), std::exchange(inline_stream_, nullptr));
    return phase_ == phase::head;
  }
  return answer(std::move(content));
}

// --- answering -----------------------------------------------------------------------------------------------------

void http_session::deliver(std::uint64_t ticket, response content) {
  if (worker_->on_thread()) {
    if (in_handler_ && ticket == ticket_) {
      if (!inline_answer_) inline_answer_ = std::move(content);
      return;
    }
    if (!worker_->busy()) return complete(ticket, std::move(content), nullptr);
  }
  worker_->enqueue(shared_from_this(), ticket, std::move(content), nullptr);
}

std::shared_ptr<push_peer> http_session::deliver_stream(std::uint64_t ticket, response head) {
  auto stream = std::make_shared<stream_session>(worker_);
  if (worker_->on_thread() && in_handler_ && ticket == ticket_ && !inline_answer_) {
    inline_answer_ = std::move(head);
    inline_stream_ = stream;
  } else {
    worker_->enqueue(shared_from_this(), ticket, std::move(head), stream);
  }
  return stream;
}

void http_session::complete(std::uint64_t ticket, response content, std::shared_ptr<stream_session> stream) {
  if (ticket != ticket_ || phase_ != phase::handling) {
    if (stream) stream->abandon();
    return;
  }
  if (stream) {
    start_stream(std::move(content), std::move(stream));
    if (phase_ == phase::head) serve();
  } else if (answer(std::move(content))) {
    serve();
  }
}

bool http_session::refuse(const problem& what) {
  if (buffered().size() < body_missing_) return refuse_and_close(what);
  in_begin_ += static_cast<std::size_t>(std::exchange(body_missing_, 0));
  return answer(to_response(what));
}

bool http_session::refuse_and_close(const problem& what) {
  close_after_ = true;
  return answer(to_response(what));
}

bool http_session::answer(response content) {
  release_body();
  if (!head_.keep_alive || worker_->draining()) close_after_ = true;
  out_.clear();
  answer_framing framing{!close_after_, head_.http_1_0, false, worker_->date()};
  if (!append_answer_head(out_, content, framing)) {
    close_after_ = true;
    framing.keep_alive = false;
    content = to_response(malformed("the answer's header would hold a control character"));
    append_answer_head(out_, content, framing);
  }
  worker_->counters().answers[std::clamp(content.status / 100, 2U, 5U) - 2].add(1);
  const bool with_body = head_.verb != method::head && has_body(content.status);
  out_body_.clear();
  if (with_body && content.body.size() <= copied_body)
    out_ += content.body;
  else if (with_body)
    out_body_ = std::move(content.body);
  return start_write();
}

bool http_session::start_write() {
  out_buffers_ = {net::buffer(out_), net::buffer(out_body_)};
  const std::size_t total = out_.size() + out_body_.size();
  worker_->counters().bytes_sent.add(total);
  // The socket has room for nearly every answer: writing at once saves the way through the reactor.
  error_code failure;
  const std::size_t written =
      out_body_.empty() ? socket_.write_some(net::buffer(out_), failure) : socket_.write_some(out_buffers_, failure);
  if (failure && failure != net::error::would_block) {
    close();
    return false;
  }
  if (written == total) return after_write();
  const std::size_t of_head = std::min(written, out_.size());
  out_buffers_[0] += of_head;
  out_buffers_[1] += written - of_head;
  phase_ = phase::writing;
  const auto& limits = worker_->limits();
  deadline_ = std::chrono::steady_clock::now() + limits.write_grace +
              std::chrono::milliseconds{total * 1'000 / limits.body_bytes_per_second};
  net::async_write(socket_, out_buffers_,
                   [self = shared_from_this()](error_code ec, std::size_t) { self->on_write(ec); });
  return false;
}

void http_session::on_write(error_code failure) {
  if (phase_ != phase::writing) return;
  if (failure) return close();
  if (after_write()) serve();
}

bool http_session::after_write() {
  if (close_after_) {
    linger();
    return false;
  }
  phase_ = phase::head;
  is_first_byte_seen_ = false;
  if (out_body_.capacity() > copied_body) out_body_ = {};
  return true;
}

bool http_session::offer_continue() {
  constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code failure;
  // Nothing else is in the socket's buffer, so these few bytes always fit.
  if (socket_.write_some(net::buffer(text), failure) == text.size()) return true;
  close();
  return false;
}

void http_session::upgrade() {
  if (auto fault = websocket_session::refuse_upgrade(request_)) {
    refuse(*fault);
    return;
  }
  if (!route_->websocket) {
    refuse(unavailable("this stream is not available"));
    return;
  }
  if (body_missing_ > 0 || !buffered().empty() || worker_->draining()) {
    refuse_and_close(worker_->draining() ? unavailable("the server stops")
                                         : malformed("a WebSocket begins after its handshake is answered"));
    return;
  }
  phase_ = phase::gone;
  auto socket = std::make_shared<websocket_session>(worker_, std::move(socket_), std::move(*slot_));
  slot_.reset();
  const auto self = shared_from_this();
  worker_->remove(*this);
  socket->start(std::move(request_), route_->websocket);
}

void http_session::start_stream(response head, std::shared_ptr<stream_session> stream) {
  close_after_ = true;
  if (head_.verb == method::head || worker_->draining() || !has_body(head.status)) {
    stream->abandon();
    answer(std::move(head));
    return;
  }
  std::string text;
  if (!append_answer_head(text, head, {false, head_.http_1_0, true, worker_->date()})) {
    stream->abandon();
    answer(to_response(malformed("the answer's header would hold a control character")));
    return;
  }
  release_body();
  text += head.body;
  worker_->counters().answers[std::clamp(head.status / 100, 2U, 5U) - 2].add(1);
  phase_ = phase::gone;
  const auto self = shared_from_this();
  connection_slot slot = std::move(*slot_);
  slot_.reset();
  worker_->remove(*this);
  stream->start(std::move(socket_), std::move(slot), std::move(text),
                head.content_type.starts_with("text/event-stream"), caller_);
}

// --- reading -------------------------------------------------------------------------------------------------------

void http_session::read_head() {
  const auto& limits = worker_->limits();
  if (in_begin_ == in_end_) {
    in_begin_ = in_end_ = 0;
    if (worker_->draining()) return close();
    deadline_ = std::chrono::steady_clock::now() + limits.idle_time;
  } else if (!std::exchange(is_first_byte_seen_, true)) {
    deadline_ = std::chrono::steady_clock::now() + limits.header_time;
  }
  if (in_end_ == in_.size() && in_begin_ > 0) {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_), in_.end(), in_.begin());
    in_end_ -= std::exchange(in_begin_, 0);
  }
  // The parser refuses an incomplete head of header_bytes, so there is always room to read one byte more.
  if (in_end_ == in_.size()) in_.resize(std::min(in_.size() * 2, limits.header_bytes));
  socket_.async_read_some(net::buffer(in_.data() + in_end_, in_.size() - in_end_),
                          [self = shared_from_this()](error_code failure, std::size_t received) {
                            self->in_end_ += received;
                            self->served_since_read_ = 0;
                            self->on_read(failure, received);
                          });
}

void http_session::read_body() {
  socket_.async_read_some(net::buffer(request_.body.data() + body_filled_, request_.body.size() - body_filled_),
                          [self = shared_from_this()](error_code failure, std::size_t received) {
                            self->body_filled_ += received;
                            self->body_missing_ -= received;
                            self->on_read(failure, received);
                          });
}

void http_session::on_read(error_code failure, std::size_t received) {
  if (phase_ != phase::head && phase_ != phase::body) return;
  worker_->counters().bytes_received.add(received);
  if (timed_out_) {
    head_.keep_alive = false;
    ++ticket_;
    refuse_and_close({problem_code::request_timeout, "the request came too slowly", {}, {}});
    return;
  }
  if (failure) return close();
  serve();
}

// --- deadlines and the end -----------------------------------------------------------------------------------------

bool http_session::is_body_too_slow(steady_time now) const {
  const auto& limits = worker_->limits();
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - body_started_) - limits.body_grace;
  if (elapsed.count() <= 0) return false;
  return body_filled_ < static_cast<std::size_t>(elapsed.count()) * limits.body_bytes_per_second / 1'000;
}

void http_session::sweep(steady_time now) {
  if (phase_ == phase::body) {
    if (is_body_too_slow(now)) expire_read();
    return;
  }
  if (phase_ == phase::handling && head_.verb == method::get && has_ended(caller_)) {
    // What waits, waits no longer for a key that was revoked. Other methods end soon, and say what they have done.
    const problem ended{
        problem_code::unauthenticated, "this key was revoked or has expired", {}, {{"WWW-Authenticate", "Bearer"}}};
    return complete(ticket_, to_response(ended), nullptr);
  }
  if (now < deadline_ || phase_ == phase::gone) return;
  switch (phase_) {
    case phase::head:
      in_begin_ == in_end_ ? close() : expire_read();
      break;
    case phase::handling:
      worker_->counters().deadlines_passed.add(1);
      complete(ticket_, to_response(unavailable("the request was not answered in time")), nullptr);
      break;
    default:
      worker_->counters().deadlines_passed.add(1);
      close();
  }
}

void http_session::expire_read() {
  if (std::exchange(timed_out_, true)) return;
  worker_->counters().deadlines_passed.add(1);
  error_code ignored;
  socket_.cancel(ignored);
}

void http_session::drain() {
  if (phase_ == phase::head && in_begin_ == in_end_) close();
}

void http_session::linger() {
  // Closing a socket with unread bytes resets the connection, and the client may lose the answer. So say that nothing
  // more comes, and read what is still under way for a moment.
  phase_ = phase::linger;
  error_code failure;
  socket_.shutdown(tcp::socket::shutdown_send, failure);
  if (failure) return close();
  deadline_ = std::chrono::steady_clock::now() + worker_->limits().linger_time;
  lingered_ = 0;
  read_and_forget();
}

void http_session::read_and_forget() {
  socket_.async_read_some(net::buffer(in_), [self = shared_from_this()](error_code failure, std::size_t received) {
    self->lingered_ += received;
    if (failure || self->lingered_ > self->worker_->limits().linger_bytes) return self->close();
    self->read_and_forget();
  });
}

void http_session::release_body() {
  if (body_reserved_ > 0) worker_->shared()->body_bytes.fetch_sub(std::exchange(body_reserved_, 0));
}

void http_session::close() {
  if (phase_ == phase::gone) return;
  const auto self = shared_from_this();
  phase_ = phase::gone;
  error_code ignored;
  socket_.close(ignored);
  slot_.reset();
  release_body();
  worker_->remove(*this);
}

}  // namespace planexe::gateway
