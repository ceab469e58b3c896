package gatectladdon

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/network"
)

// measuredPipe returns a measured connection and the end of its client.
func measuredPipe() (*connection, net.Conn) {
	server, client := net.Pipe()
	return &connection{Conn: aConn{pipe: server}}, client
}

func TestAWriteThatTheClientDoesNotReadWaits(t *testing.T) {
	conn, client := measuredPipe()
	defer client.Close()
	if bytes, since := conn.waiting(); bytes != 0 || since != 0 {
		t.Errorf("%d bytes wait since %d before a write", bytes, since)
	}
	before := millis(time.Now())
	done := make(chan error)
	go func() { _, err := conn.Write(make([]byte, 300)); done <- err }()
	until(t, "the write to wait", func() bool { bytes, since := conn.waiting(); return bytes == 300 && since >= before })
	if atomic.LoadInt64(&conn.lastWritten) != 0 {
		t.Error("a write that waits counts as sent")
	}
	read := make([]byte, 300)
	for left := len(read); left > 0; {
		count, err := client.Read(read[:left])
		if err != nil {
			t.Fatal(err)
		}
		left -= count
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, since := conn.waiting(); since != 0 || atomic.LoadInt64(&conn.lastWritten) < before {
		t.Errorf("after the client has read, a write waits since %d", since)
	}
}

func TestAConnectionKnowsItsLastReadAndItsDeadline(t *testing.T) {
	conn, client := measuredPipe()
	defer client.Close()
	before := millis(time.Now())
	go func() { _, _ = client.Write([]byte{0xc0, 0}) }()
	if _, err := conn.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	if atomic.LoadInt64(&conn.lastRead) < before {
		t.Error("a read is not noted")
	}
	end := time.Now().Add(time.Minute)
	_ = conn.SetDeadline(end)
	if state := connectionIn(t, conn.encoded()); state[5] != uint64(millis(end)) {
		t.Errorf("the deadline is %d", state[5])
	}
	_ = conn.SetDeadline(time.Time{})
	if _, has := connectionIn(t, conn.encoded())[5]; has {
		t.Error("there is a deadline after it was removed")
	}
}

func TestOnlyMqantsAgentOnTCPIsMeasured(t *testing.T) {
	c := &connections{}
	own := &anAgent{}
	if c.measured(own) != gate.Agent(own) {
		t.Error("a project's agent is wrapped")
	}
	agent, wrapped := c.measured(basegate.NewMqttAgent(nil)).(*measuredAgent)
	if !wrapped {
		t.Fatal("mqant's agent is not measured")
	}
	spy := &initAgent{}
	agent.Agent = spy
	_ = agent.OnInit(nil, aConn{})
	if _, measured := spy.conn.(*connection); measured {
		t.Error("a connection that is not TCP is measured")
	}
	_ = agent.OnInit(nil, &network.TCPConn{})
	if _, measured := spy.conn.(*connection); !measured || c.of(&entry{agent: spy}) == nil {
		t.Error("a TCP connection is not measured")
	}
	_ = agent.OnClose()
	if c.of(&entry{agent: spy}) != nil {
		t.Error("a closed connection is remembered")
	}
}

// initAgent notes the connection that it gets.
type initAgent struct {
	gate.Agent
	conn network.Conn
}

func (a *initAgent) OnInit(_ gate.Gate, conn network.Conn) error {
	a.conn = conn
	return nil
}

func (a *initAgent) OnClose() error { return nil }

func TestConnectionsOfNamedAndOfStuckSessions(t *testing.T) {
	g := newGate(t, nil)
	stuck := map[string]int{"small": 10, "large": 500}
	for _, id := range []string{"idle", "small", "large", "unmeasured"} {
		agent := g.joined(id, nil)
		if id == "unmeasured" {
			continue
		}
		conn, client := measuredPipe()
		defer client.Close()
		g.connections.byAgent.Store(gate.Agent(agent), conn)
		if size := stuck[id]; size > 0 {
			go func() { _, _ = conn.Write(make([]byte, size)) }()
			until(t, id+" to wait longer than those after it", func() bool {
				_, since := conn.waiting()
				return since != 0 && millis(time.Now()) > since
			})
		}
	}
	ids := func(query map[string]interface{}) (found []string, states []map[int]uint64) {
		page, err := g.connectionPage(query)
		if err != nil {
			t.Fatal(err)
		}
		_ = eachField(page, func(field int, _ uint64, row []byte) error {
			if field == 1 {
				found = append(found, sessionIDOf(fieldOf(row, 1)))
				states = append(states, connectionIn(t, fieldOf(row, 7)))
			}
			return nil
		})
		return found, states
	}
	if found, states := ids(map[string]interface{}{}); len(found) != 2 || found[0] != "large" || states[0][1] != 500 {
		t.Errorf("the stuck sessions are %v, %v", found, states)
	}
	if found, _ := ids(map[string]interface{}{"limit": 1.0, "sort": "oldest"}); len(found) != 1 || found[0] != "small" {
		t.Errorf("the session that waits longest is %v", found)
	}
	named := map[string]interface{}{"sessions": []interface{}{"idle", "gone", "unmeasured"}}
	found, states := ids(named)
	if len(found) != 2 || found[0] != "idle" || found[1] != "unmeasured" {
		t.Fatalf("the named sessions are %v", found)
	}
	if bytes, known := states[0][1]; !known || bytes != 0 {
		t.Error("no bytes wait for an idle client, and that is known")
	}
	if len(states[1]) != 0 {
		t.Errorf("a connection that is not measured has %v", states[1])
	}
	if _, err := g.connectionPage(map[string]interface{}{"sessions": make([]interface{}, 1001)}); err == nil {
		t.Error("1,001 sessions are accepted")
	}
}

// connectionIn returns the numbers of a Connection by field.
func connectionIn(t *testing.T, message []byte) map[int]uint64 {
	numbers := map[int]uint64{}
	if err := eachField(message, func(field int, value uint64, _ []byte) error {
		numbers[field] = value
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return numbers
}
