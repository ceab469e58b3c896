// A load of MQTT clients and the least server for them, both on epoll in one thread: the client that holds no server
// up, and the floor of sending one packet to each of many connections.
//
//   fanout clients <port> <count>   connects them, says {"ms":…} once all have CONNACK and SUBACK; for each line with a
//                                   number of bytes on stdin it says {"ms":…} when so many more have come in all
//   fanout serve                    says {"port":…}; for each line "<hex of a packet> <times>" it sends it to every client
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// on their way at once: no more than the shortest queue of a listener holds (mosquitto's has 100), else the kernel drops
// what comes and tries again a second later
enum { most = 65536, at_once = 256, in_flight = 64 };

static int sockets[most];
static int count, ep;
static char buffer[1 << 16];

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// CONNECT with a client id of its own, and SUBSCRIBE to /bench: in one piece, as eager clients do.
static void greet(int fd, int number) {
  unsigned char packet[64] = {0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0};
  int size = 14;
  size += sprintf((char *)packet + size, "bench-%d", number);
  packet[13] = size - 14;
  packet[1] = size - 2;
  static const unsigned char subscribe[] = {0x82, 11, 0, 1, 0, 6, '/', 'b', 'e', 'n', 'c', 'h', 0};
  memcpy(packet + size, subscribe, sizeof subscribe);
  size += sizeof subscribe;
  if (write(fd, packet, size) != size) die("write");
}

static long receive(struct epoll_event *events, int ready, int *line_is_there) {
  long bytes = 0;
  for (int at = 0; at < ready; at++) {
    int fd = events[at].data.fd;
    if (fd == 0) {
      *line_is_there = 1;
      continue;
    }
    ssize_t size = read(fd, buffer, sizeof buffer);
    if (size <= 0) {
      fprintf(stderr, "a client was closed\n");
      exit(1);
    }
    bytes += size;
  }
  return bytes;
}

static int clients(int port, int wanted) {
  struct epoll_event events[at_once];
  double started = now_ms();
  long greeted = 0, bytes = 0;
  const int answer = 4 + 5; // CONNACK and SUBACK
  struct sockaddr_in address = loopback(port);
  while (bytes < (long)wanted * answer) {
    while (greeted < wanted && greeted - bytes / answer < in_flight) {
      int fd = socket(AF_INET, SOCK_STREAM, 0);
      if (fd < 0) die("socket");
      if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
      greet(fd, greeted++);
      watch(fd);
    }
    int none = 0;
    bytes += receive(events, epoll_wait(ep, events, at_once, -1), &none);
  }
  printf("{\"ms\":%.3f}\n", now_ms() - started);
  fflush(stdout);
  watch(0);
  long expected = 0;
  for (bytes = 0;;) {
    int line_is_there = 0;
    bytes += receive(events, epoll_wait(ep, events, at_once, -1), &line_is_there);
    if (line_is_there) {
      ssize_t size = read(0, buffer, sizeof buffer - 1);
      if (size <= 0) return 0;
      buffer[size] = 0;
      expected = atol(buffer);
      bytes = 0;
      started = now_ms();
      printf("{\"ready\":true}\n");
      fflush(stdout);
    }
    if (expected > 0 && bytes >= expected) {
      printf("{\"ms\":%.3f}\n", now_ms() - started);
      fflush(stdout);
      expected = 0;
    }
  }
}

static void answer(int fd) {
  ssize_t size = read(fd, buffer, sizeof buffer);
  if (size <= 0) exit(1);
  static const unsigned char acks[] = {0x20, 2, 0, 0, 0x90, 3, 0, 1, 0};
  if (write(fd, acks, sizeof acks) != sizeof acks) die("write");
}

static void send_all(char *line) {
  static unsigned char packet[4096];
  int size = 0, times = 1;
  for (unsigned byte; sscanf(line, "%2x", &byte) == 1 && *line != ' '; line += 2) packet[size++] = byte;
  sscanf(line, " %d", &times);
  for (int round = 0; round < times; round++)
    for (int at = 0; at < count; at++)
      if (write(sockets[at], packet, size) != size) die("write to a client");
}

static int serve(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  watch(listener);
  watch(0);
  for (;;) {
    struct epoll_event events[at_once];
    int ready = epoll_wait(ep, events, at_once, -1);
    for (int at = 0; at < ready; at++) {
      int fd = events[at].data.fd;
      if (fd == 0) {
        ssize_t size = read(0, buffer, sizeof buffer - 1);
        if (size <= 0) return 0;
        buffer[size] = 0;
        send_all(buffer);
        printf("{}\n");
        fflush(stdout);
      } else if (fd == listener) {
        int client = accept(listener, NULL, NULL), one = 1;
        if (client < 0) die("accept");
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockets[count++] = client;
        watch(client);
      } else answer(fd);
    }
  }
}

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  ep = epoll_create1(0);
  if (argc == 4 && strcmp(argv[1], "clients") == 0) return clients(atoi(argv[2]), atoi(argv[3]));
  if (argc == 2 && strcmp(argv[1], "serve") == 0) return serve();
  fprintf(stderr, "usage: fanout clients <port> <count> | fanout serve\n");
  return 2;
}
