// Runs Java's keytool, without a shell in between.
#include "bootstrap/certs.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace ostler::bootstrap {
namespace {

// The exit code; 127 when the program cannot be run.
int run(const std::vector<std::string>& command) {
  const pid_t child = fork();
  if (child < 0) return 127;
  if (child == 0) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    // keytool talks much; the task's output is not the place.
    const int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
      for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, stream);
    }
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

Result<std::string> install_certs(const Environment& env) {
  const auto sandbox = env.find("MESOS_SANDBOX");
  if (sandbox == env.end())
    return Error{Code::kNotFound, "no certificate installed: MESOS_SANDBOX is not set", {}};
  std::string certificate;
  for (const char* name : {"/.ssl/ca-bundle.crt", "/.ssl/ca.crt"}) {
    certificate = sandbox->second + name;
    if (access(certificate.c_str(), R_OK) == 0) break;
    certificate.clear();
  }
  if (certificate.empty()) return std::string("no certificate in .ssl, none installed");
  const auto home = env.find("JAVA_HOME");
  if (home == env.end() || home->second.empty()) {
    return Error{Code::kNotFound, "no certificate installed: JAVA_HOME is not set", {}};
  }
  const std::string store = home->second + "/lib/security/cacerts";
  const int code = run({home->second + "/bin/keytool", "-importcert", "-noprompt", "-alias", "dcoscert",
                        "-keystore", store, "-file", certificate, "-storepass", "changeit"});
  if (code != 0) {
    return Error{
        Code::kUnavailable,
        "no certificate installed: keytool ended with " + std::to_string(code) + " for '" + store + "'",
        {}};
  }
  return "installed '" + certificate + "' into '" + store + "'";
}

}  // namespace ostler::bootstrap
