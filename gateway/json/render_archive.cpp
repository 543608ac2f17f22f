#include "gateway/json/render_archive.hpp"

namespace planexe::gateway {

void append_archived(json_writer& writer, const domain::execution_archived& left, domain::timestamp at) {
  writer.begin_object();
  writer.member("execution_id", left.execution);
  writer.member("title", left.title);
  writer.member("status", left.status);
  writer.member("archived", true);
  writer.member("events", left.events);
  writer.member("created_at", left.created_at);
  writer.member("completed_at", left.finished_at);
  writer.member("archived_at", at);
  writer.end_object();
}

}  // namespace planexe::gateway
