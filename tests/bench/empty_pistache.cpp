// The baseline: an ordinary Pistache server that answers "ok", with nothing of egide in it.
//
//   egide_empty_pistache PORT THREADS     (port 0: the system chooses; prints the port, runs until stdin ends)
#include <pistache/endpoint.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

class EmptyHandler : public Pistache::Http::Handler {
 public:
  HTTP_PROTOTYPE(EmptyHandler)
  void onRequest(const Pistache::Http::Request&, Pistache::Http::ResponseWriter response) override {
    // Without this an HTTP/1.1 client that sends no Connection field is told to close.
    response.headers().remove<Pistache::Http::Header::Connection>();
    response.headers().add<Pistache::Http::Header::Connection>(Pistache::Http::ConnectionControl::KeepAlive);
    response.send(Pistache::Http::Code::Ok, "ok");
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: egide_empty_pistache PORT THREADS\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  Pistache::Http::Endpoint endpoint(
      Pistache::Address("127.0.0.1", Pistache::Port(static_cast<std::uint16_t>(std::atoi(argv[1])))));
  endpoint.init(Pistache::Http::Endpoint::options()
                    .threads(std::atoi(argv[2]))
                    .maxRequestSize(65536)
                    .flags(Pistache::Tcp::Options::ReuseAddr | Pistache::Tcp::Options::NoDelay));
  endpoint.setHandler(Pistache::Http::make_handler<EmptyHandler>());
  endpoint.serveThreaded();
  std::cout << static_cast<std::uint16_t>(endpoint.getPort()) << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  endpoint.shutdown();
  return 0;
}
