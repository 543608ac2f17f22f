// A folder that is filled under another name and gets its own when it is whole and durable, so that whatever ends the
// process in between, nobody takes a part of it for all. Beside the folder that is asked for; where an empty one is
// there already, in it, for that may be another disk. What a process that ended has left is taken away by the next that
// makes the same. One thread; blocks. Private to the room.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <string>

#include "domain/result.hpp"

namespace planexe::eventstore {

class folder_in_part {
 public:
  /// `ending`: begins with `.planexe-`. Nobody else's folder is called so, for what is left under that name is taken
  /// away.
  folder_in_part(rocksdb::Env& environment, const std::filesystem::path& target, std::string_view ending);
  folder_in_part(const folder_in_part&) = delete;
  folder_in_part& operator=(const folder_in_part&) = delete;
  /// Without `keep` nothing is left.
  ~folder_in_part();

  /// Whether anything is there that no process before has left.
  bool is_taken() const;
  /// `errc::locked` while another process makes the same, `errc::conflict` where the one before was cut off when the
  /// folder was whole already: it is there now.
  result<void> begin();
  /// Everything in it must be durable. The folder has its name when this returns; where it is a data folder, no log can
  /// be opened in it before all of it is there.
  result<void> keep();

  std::string path() const { return path_.string(); }
  std::string target() const { return target_.string(); }
  std::string parent() const { return target_.parent_path().string(); }

 private:
  bool lock(const std::filesystem::path& folder);
  std::filesystem::path whole() const;
  result<void> move_up();

  rocksdb::Env& environment_;
  std::filesystem::path target_;
  bool inside_;                 // an empty folder is there, which is filled
  std::filesystem::path path_;  // after what it depends on
  int lock_ = -1;
  bool begun_ = false, kept_ = false;
};

/// Where a log was to be made in this folder and is not there, for that was cut off; empty: it was not.
std::string cut_off_in(const std::string& folder);

}  // namespace planexe::eventstore
