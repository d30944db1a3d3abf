#include "app/stores.hpp"

#include <gtest/gtest.h>

namespace retell::app {
namespace {

TEST(RecordingPlace, is_where_the_configured_store_keeps_it) {
  config::Config config;
  EXPECT_EQ(recording_place(config, "call_1"), "data/recordings/call_1.wav");
  config.recordings.store = "/srv/calls/";
  EXPECT_EQ(recording_place(config, "call_1"), "/srv/calls/recordings/call_1.wav");
  config.recordings.store = "s3://bucket/prefix";
  EXPECT_EQ(recording_place(config, "call_1"), "s3://bucket/prefix/recordings/call_1.wav");
  config.recordings.enabled = false;
  EXPECT_EQ(recording_place(config, "call_1").substr(0, 4), "none");
}

}  // namespace
}  // namespace retell::app
