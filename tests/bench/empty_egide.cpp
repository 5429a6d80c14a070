// egide's own server with one public route that answers "ok": what the HTTP layer costs by itself.
//
//   egide_empty_server PORT THREADS     (port 0: the system chooses; prints the port, runs until stdin ends)
#include <cstdlib>
#include <iostream>
#include <string>

#include "egide/api/request_context.h"
#include "egide/api/server.h"
#include "egide/base/clock.h"

namespace {
constexpr egide::api::RoleRule kTable[] = {{"ok", {egide::api::Role::Public}}};
}

int main(int argc, char** argv) {
  using namespace egide::api;
  if (argc != 3) {
    std::cerr << "usage: egide_empty_server PORT THREADS\n";
    return 2;
  }
  Router router(kTable);
  for (const Method method : {Method::Get, Method::Post}) {
    router.add({.method = method,
                .pattern = "/ok",
                .name = "ok",
                .body = method == Method::Post ? BodyKind::Json : BodyKind::None,
                .handler = [](const RequestContext&) -> egide::base::Result<HttpResponse> {
                  return HttpResponse::text(200, "ok");
                }});
  }
  const egide::base::SystemClock clock;
  Dispatcher dispatcher({}, {&router, nullptr, nullptr, &clock, nullptr});
  ServerOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.threads = std::atoi(argv[2]);
  Server server(options, dispatcher);
  if (const auto started = server.start(); !started) {
    std::cerr << started.error().message() << "\n";
    return 1;
  }
  std::cout << server.port() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return 0;
}
