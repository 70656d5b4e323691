// Which ports the harness gives: who listens on all addresses must leave those of the tasks.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "harness/installation.h"

namespace ostler::harness {
namespace {

TEST(FreePorts, OfASchedulerAreNeverThoseOfItsTasks) {
  // The numbers are drawn by process id, so a process of its own tries each draw.
  std::set<int> single, tasks;
  for (int i = 0; i < 20; ++i) {
    int at_parent[2];
    ASSERT_EQ(pipe(at_parent), 0);
    const pid_t child = fork();
    if (child == 0) {
      const Ports ports = free_ports({});
      const int drawn[] = {free_port(), ports.client, ports.follower, ports.election};
      _exit(write(at_parent[1], drawn, sizeof drawn) == sizeof drawn ? 0 : 1);
    }
    int drawn[4];
    ASSERT_EQ(read(at_parent[0], drawn, sizeof drawn), static_cast<ssize_t>(sizeof drawn));
    waitpid(child, nullptr, 0);
    close(at_parent[0]);
    close(at_parent[1]);
    single.insert(drawn[0]);
    tasks.insert(drawn + 1, drawn + 4);
  }
  ASSERT_GT(tasks.size(), 3U);
  // Agents of the local cluster offer ports up to 32000; from 32768 on they are ephemeral.
  EXPECT_LT(*tasks.rbegin(), *single.begin());
  EXPECT_GE(*tasks.begin(), 8182);
  EXPECT_LT(*single.rbegin(), 32768);
}

}  // namespace
}  // namespace ostler::harness
