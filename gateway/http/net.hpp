// The socket types of this folder: Asio with the io_context's own executor, because the type-erased default costs an
// allocation and an indirect call for each operation. Heavy; only for .cpp files and headers inside this folder.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>

namespace planexe::gateway {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

using io_executor = net::io_context::executor_type;
using tcp_socket = net::basic_stream_socket<tcp, io_executor>;
using tcp_acceptor = net::basic_socket_acceptor<tcp, io_executor>;
using steady_timer =
    net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, io_executor>;
using steady_time = std::chrono::steady_clock::time_point;

}  // namespace planexe::gateway
