package gatectladdon

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

var listening = regexp.MustCompile(`nats://(127\.0\.0\.1:\d+)`)

// startNats starts a nats-server for the test and returns its address.
func startNats(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("nats-server")
	if err != nil {
		t.Skip("nats-server is not on PATH")
	}
	folder := t.TempDir()
	server := exec.Command(program, "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", folder)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	var found [][]byte
	until(t, "nats-server", func() bool {
		files, _ := filepath.Glob(filepath.Join(folder, "*.ports"))
		if len(files) == 0 {
			return false
		}
		ports, _ := os.ReadFile(files[0])
		found = listening.FindSubmatch(ports)
		return found != nil
	})
	return string(found[1])
}

func connectTo(t *testing.T, address string, options ...nats.Option) *nats.Conn {
	t.Helper()
	options = append(options, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	conn, err := nats.Connect("nats://"+address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// proxy forwards connections to a server. It can cut them; new ones are accepted.
type proxy struct {
	address string
	lock    sync.Mutex
	open    []net.Conn
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String()}
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			p.lock.Lock()
			p.open = append(p.open, client, server)
			p.lock.Unlock()
			go pass(client, server)
			go pass(server, client)
		}
	}()
	return p
}

func pass(from, to net.Conn) {
	_, _ = io.Copy(to, bufio.NewReader(from))
	_ = to.Close()
}

func (p *proxy) cut() {
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
}
