// The hot answers: receipts of reports and work for agents. Pure, any thread; each function appends one JSON value to
// `out` in a few microseconds.
#pragma once

#include <string>
#include <string_view>

#include "domain/answers.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

class json_writer;

/// The answer to one report. A receipt without an event (a heartbeat) has neither `event_id` nor `seq`.
void render_receipt(std::string& out, const domain::report_receipt& receipt);

/// One element of the answer to an array of reports: `status` is what the report alone would have been answered, 200,
/// 201 or the problem's; the execution's own is `execution_status`.
void append_report_outcome(json_writer& writer, const domain::report_receipt& receipt);
void append_report_outcome(json_writer& writer, const problem& problem);
/// 201 when the report was recorded; 200 for a repetition and for what needs no record.
unsigned http_status_of(const domain::report_receipt& receipt);

/// The answer to a poll. Whether an empty one is a 204 is the caller's business.
void render_work_answer(std::string& out, const domain::work_answer& answer);

}  // namespace planexe::gateway
