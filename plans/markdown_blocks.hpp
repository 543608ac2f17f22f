// The blocks of a Markdown document that a plan is made of: headings and list items as a tree, with the text and the
// hints that stand beside them. Code, comments, quotes and tables are told apart here; what the tree means is the
// reader's business (markdown_reader.cpp). Linear in the document's length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"
#include "plans/outline.hpp"

namespace planexe::plans {

/// Headings that hold no tasks but something else of the plan.
enum class markdown_section : std::uint8_t { tasks, goal, team, risks, assumptions, prose };

inline constexpr std::uint32_t no_node = std::numeric_limits<std::uint32_t>::max();
/// Tasks, and room beside them for what is none: a title, roles, risks, assumptions.
inline constexpr std::size_t max_markdown_nodes = domain::max_plan_tasks + 4'096;

struct markdown_node {
  std::uint32_t parent = no_node;  ///< smaller than the node's own position
  std::size_t heading = 0;         ///< 1 to 6; 0: a list item
  markdown_section section = markdown_section::tasks;
  bool opens_section = false;  ///< it is the section's heading
  bool hinted = false;         ///< something was said about it
  outline_item item;           ///< depth is not known yet; in a section the title is the whole line
};

struct markdown_document {
  std::string title;  ///< of the front matter; empty: none
  std::string goal;   ///< as above, or a line "Goal: …"
  std::string intro;  ///< text before the first heading
  std::optional<domain::timestamp> start_date;
  std::vector<markdown_node> nodes;
  warning_list warnings;
};

/// `text` is what `readable_text` gave. Warnings: code_fence_unclosed, comment_unclosed, front_matter_unused,
/// start_unreadable, table_not_read, empty_item, hint_unused, and those of `apply_hint`.
markdown_document read_blocks(std::string_view text, problem_list& problems);

}  // namespace planexe::plans
