package gatectladdon

import (
	"bufio"
	"errors"
	"io"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/network"
	"github.com/liangdas/mqant/server"
)

// drain makes the gate refuse new sessions. The state is not kept across restarts.
type drain struct {
	// announce puts metadata into the gate's records in the registries; nil puts back those of before the drain.
	announce func(metadata map[string]string)
	lock     sync.Mutex
	active   int32
}

var errDraining = errors.New("invalid \"draining\" in a call: expected true or false")

func (d *drain) isActive() bool { return atomic.LoadInt32(&d.active) != 0 }

func (d *drain) state() string {
	if d.isActive() {
		return "draining"
	}
	return "serving"
}

func (d *drain) set(active bool) {
	d.lock.Lock()
	defer d.lock.Unlock()
	if active == d.isActive() {
		return
	}
	if active {
		atomic.StoreInt32(&d.active, 1)
		// the selector of mqant's documentation skips nodes with these
		d.announce(map[string]string{"state": "forbidden", "weight": "0"})
	} else {
		atomic.StoreInt32(&d.active, 0)
		d.announce(nil)
	}
}

// announcer returns a function for drain.announce. mqant writes the node's record to etcd or consul at its next
// renewal. It then also writes to the map of metadata, without a lock, so the map in use is replaced and never
// changed.
func announcer(of server.Server, found *discovery) func(metadata map[string]string) {
	original := of.Options().Metadata
	before := copyOf(original)
	return func(metadata map[string]string) {
		own, known := copyOf(before), copyOf(before)
		for key, value := range metadata {
			own[key], known[key] = value, value
		}
		if metadata == nil {
			own = original // with what the project has changed meanwhile
		}
		_ = of.Init(server.Metadata(own))
		if found != nil {
			found.describe(known)
		}
	}
}

// guardAgents makes the gate give new connections an agent that refuses them during a drain. Otherwise they get the
// project's own agent, if it has set one, or mqant's, after `prepare`. It returns false if this mqant hides the
// project's function.
func (d *drain) guardAgents(gt *basegate.Gate, prepare func(gate.Agent) gate.Agent) bool {
	field := reflect.ValueOf(gt).Elem().FieldByName("createAgent")
	var create func() gate.Agent
	if !field.IsValid() || field.Type() != reflect.TypeOf(create) {
		return false
	}
	create = *(*func() gate.Agent)(unsafe.Pointer(field.UnsafeAddr()))
	return gt.SetCreateAgent(func() gate.Agent {
		if d.isActive() {
			return &refusingAgent{}
		}
		if create != nil {
			return prepare(create())
		}
		return prepare(basegate.NewMqttAgent(gt.GetModule()))
	}) == nil
}

// refuseLate closes a session whose connection was accepted before the drain began.
func (d *drain) refuseLate(e *entry) {
	if d.isActive() && e != nil && e.agent != nil {
		e.agent.Close()
	}
}

// refusingAgent answers CONNECT with a refusal. mqant calls the methods of the embedded nil Agent only for sessions,
// and there are none.
type refusingAgent struct {
	gate.Agent
	conn network.Conn
}

// refuseWithin is how long a client may take to send its CONNECT; the same as mqant's default.
const refuseWithin = 10 * time.Second

func (a *refusingAgent) OnInit(_ gate.Gate, conn network.Conn) error {
	a.conn = conn
	return nil
}

func (a *refusingAgent) Run() error {
	_ = a.conn.SetDeadline(time.Now().Add(refuseWithin))
	version, err := readConnect(bufio.NewReader(a.conn))
	if err != nil {
		return err
	}
	_, err = a.conn.Write(refusalFor(version))
	return err
}

func (a *refusingAgent) Close() { _ = a.conn.Close() }

func (a *refusingAgent) OnClose() error { return nil }

func (a *refusingAgent) Destroy() { a.conn.Destroy() }

// refusalFor returns a CONNACK: "use another server" in MQTT 5, "server unavailable" before.
func refusalFor(version byte) []byte {
	if version == 5 {
		return []byte{0x20, 3, 0, 0x9c, 0}
	}
	return []byte{0x20, 2, 0, 3}
}

var errNoConnect = errors.New("the first packet is not a CONNECT")

// readConnect reads a complete CONNECT, so that closing the connection does not reset it, and returns the MQTT
// version.
func readConnect(from *bufio.Reader) (version byte, err error) {
	kind, err := from.ReadByte()
	if err != nil {
		return 0, err
	}
	length := 0
	for shift := uint(0); ; shift += 7 {
		digit, err := from.ReadByte()
		if err != nil {
			return 0, err
		}
		length |= int(digit&0x7f) << shift
		if digit < 0x80 {
			break
		}
		if shift == 14 {
			return 0, errNoConnect // longer than mqant accepts
		}
	}
	if kind != 0x10 || length < 7 || length > 65535 {
		return 0, errNoConnect
	}
	packet := make([]byte, length)
	if _, err = io.ReadFull(from, packet); err != nil {
		return 0, err
	}
	name := int(packet[0])<<8 | int(packet[1])
	if 2+name >= length {
		return 0, errNoConnect
	}
	return packet[2+name], nil
}
