#include "cluster/http/server.h"

#include <httplib.h>
#include <pthread.h>

#include <list>
#include <mutex>
#include <thread>

namespace ostler::cluster {
namespace {

constexpr size_t kMaxBody = 64 << 20;  // An ACCEPT of ten thousand operations is far below.
// libprocess asks for half a million, the library for five: fewer than a scheduler opens at
// once, and who is not among them tries again only after a second.
constexpr int kBacklog = SOMAXCONN;

// A thread for each connection, since streams hold theirs for ever.
class ThreadPerConnection final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> connection) override {
    const std::lock_guard lock(mutex_);
    for (auto at = threads_.begin(); at != threads_.end();) {
      if (*at->done) {
        at->thread.join();
        at = threads_.erase(at);
      } else {
        ++at;
      }
    }
    auto done = std::make_shared<std::atomic<bool>>(false);
    threads_.push_back({std::thread([connection = std::move(connection), done] {
                          ::pthread_setname_np(::pthread_self(), "connection");
                          connection();
                          *done = true;
                        }),
                        done});
  }
  void shutdown() override {
    const std::lock_guard lock(mutex_);
    for (auto& one : threads_) one.thread.join();
    threads_.clear();
  }

 private:
  struct Running {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  std::mutex mutex_;
  std::list<Running> threads_;
};

std::optional<std::string> header(const httplib::Request& request, const char* name) {
  if (!request.has_header(name)) return std::nullopt;
  return request.get_header_value(name);
}

void answer(const HttpServer::Handler& handler, const httplib::Request& request,
            httplib::Response& response) {
  HttpRequest plain{request.method,
                    request.path,
                    request.body,
                    header(request, "Content-Type"),
                    header(request, "Accept"),
                    header(request, "Mesos-Stream-Id")};
  auto made = std::make_shared<HttpAnswer>(handler(plain));
  response.status = made->status;
  for (const auto& [name, value] : made->headers) response.set_header(name, value);
  if (!made->stream) {
    if (made->content_type.empty()) {
      response.body = std::move(made->body);
    } else {
      response.set_content(std::move(made->body), made->content_type);
    }
    return;
  }
  // The library would compress a JSON stream for a client that allows it; Mesos does not,
  // and compressed records would be held back.
  const_cast<httplib::Request&>(request).headers.erase("Accept-Encoding");
  response.set_chunked_content_provider(
      made->content_type,
      [made](size_t, httplib::DataSink& sink) {
        const auto write = [&](const std::string& bytes) { return sink.write(bytes.data(), bytes.size()); };
        switch (made->stream(write, sink.is_writable())) {
          case HttpAnswer::Next::kMore:
            return true;
          case HttpAnswer::Next::kEnd:
            sink.done();
            return true;
          case HttpAnswer::Next::kCut:
            break;
        }
        return false;
      },
      [made](bool) {
        if (made->stream_closed) made->stream_closed();
      });
}

}  // namespace

struct HttpServer::Inside {
  httplib::Server server;
  std::thread thread;
};

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(int port, Handler handler) {
  auto inside = std::make_unique<Inside>();
  auto& server = inside->server;
  server.new_task_queue = [] { return new ThreadPerConnection(); };
  server.set_payload_max_length(kMaxBody);
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_keep_alive_timeout(60);
  server.set_tcp_nodelay(true);
  // Not the library's SO_REUSEPORT: a second cluster on the same port must be refused.
  int listening = -1;
  server.set_socket_options([&listening](int socket) {
    listening = socket;
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  const auto serve = [handler = std::move(handler)](const httplib::Request& request,
                                                    httplib::Response& response) {
    answer(handler, request, response);
  };
  server.Get(".*", serve)
      .Post(".*", serve)
      .Put(".*", serve)
      .Delete(".*", serve)
      .Patch(".*", serve)
      .Options(".*", serve);
  const char* host = "127.0.0.1";
  const int bound = port == 0 ? server.bind_to_any_port(host) : (server.bind_to_port(host, port) ? port : -1);
  if (bound < 0) {
    return Error{
        Code::kUnavailable,
        "cannot listen on 127.0.0.1:" + std::to_string(port) + "; is the port in use? --port 0 takes any",
        {}};
  }
  server.set_socket_options([](int) {});  // the one above holds a variable of ours
  ::listen(listening, kBacklog);
  inside->thread = std::thread([&server] {
    ::pthread_setname_np(::pthread_self(), "http");
    server.listen_after_bind();
  });
  while (!server.is_running()) std::this_thread::yield();  // stop() would miss a loop not yet begun.
  auto made = std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
  made->port_ = bound;
  return made;
}

HttpServer::~HttpServer() {
  inside_->server.stop();
  inside_->thread.join();
}

}  // namespace ostler::cluster
