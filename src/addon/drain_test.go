package gatectladdon

import (
	"bytes"
	"net"
	"reflect"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/network"
	"github.com/liangdas/mqant/server"
)

// aConn is a connection in memory with the methods of mqant's.
type aConn struct {
	network.Conn
	pipe net.Conn
}

func (c aConn) Read(b []byte) (int, error)     { return c.pipe.Read(b) }
func (c aConn) Write(b []byte) (int, error)    { return c.pipe.Write(b) }
func (c aConn) Close() error                   { return c.pipe.Close() }
func (c aConn) SetDeadline(at time.Time) error { return c.pipe.SetDeadline(at) }

func connectOf(version byte) []byte {
	return []byte{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', version, 2, 0, 30, 0, 1, 'c'}
}

func TestADrainingGateAnswersConnectInTheClientsVersion(t *testing.T) {
	for version, wanted := range map[byte][]byte{3: {0x20, 2, 0, 3}, 4: {0x20, 2, 0, 3}, 5: {0x20, 3, 0, 0x9c, 0}} {
		client, ours := net.Pipe()
		agent := &refusingAgent{}
		_ = agent.OnInit(nil, aConn{pipe: ours})
		ended := make(chan error, 1)
		go func() {
			ended <- agent.Run()
			agent.Close()
		}()
		if _, err := client.Write(connectOf(version)); err != nil {
			t.Fatal(err)
		}
		var answer bytes.Buffer
		if _, err := answer.ReadFrom(client); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil || !bytes.Equal(answer.Bytes(), wanted) {
			t.Errorf("MQTT %d was answered % x (%v) instead of % x", version, answer.Bytes(), err, wanted)
		}
	}
}

func TestADrainingGateGivesWhatIsNoConnectNoAnswer(t *testing.T) {
	tooLong := []byte{0x10, 0xff, 0xff, 0xff, 0x7f}
	badName := []byte{0x10, 7, 0xff, 0xff, 'M', 'Q', 'T', 'T', 4}
	for _, sent := range [][]byte{{0xc0, 0}, tooLong, badName, {0x10, 0}} {
		client, ours := net.Pipe()
		agent := &refusingAgent{}
		_ = agent.OnInit(nil, aConn{pipe: ours})
		go func(sent []byte) { _, _ = client.Write(sent); _ = client.Close() }(sent)
		if err := agent.Run(); err == nil {
			t.Errorf("% x was answered", sent)
		}
		agent.Close()
	}
}

// closingAgent counts how often it was closed.
type closingAgent struct {
	*anAgent
	closes int32
}

func (a *closingAgent) Close() { atomic.AddInt32(&a.closes, 1) }

func TestASessionThatConnectsDuringADrainIsClosed(t *testing.T) {
	g := newGate(t, nil)
	before := g.joined("before", nil)
	g.drain.set(true)
	late := &closingAgent{anAgent: &anAgent{session: before.session.Clone()}}
	g.drain.refuseLate(&entry{id: "late", agent: late})
	if atomic.LoadInt32(&late.closes) != 1 {
		t.Error("a session that connected during the drain stays")
	}
	if g.table.get("before") == nil || g.info()["state"] != "draining" || g.stats()["state"] != "draining" {
		t.Errorf("the gate says %v", g.info()["state"])
	}
	g.drain.set(false)
	g.drain.refuseLate(&entry{id: "late", agent: late})
	if atomic.LoadInt32(&late.closes) != 1 || g.info()["state"] != "serving" {
		t.Error("the resumed gate refuses sessions")
	}
}

func TestGatectlDrainWantsToKnowWhich(t *testing.T) {
	g := newGate(t, nil)
	call := reflect.ValueOf(g.functions()["GatectlDrain"])
	drain := func(query map[string]interface{}) (map[string]interface{}, error) {
		nothing := reflect.Zero(call.Type().In(0))
		results := call.Call([]reflect.Value{nothing, reflect.ValueOf(query)})
		err, _ := results[1].Interface().(error)
		return results[0].Interface().(map[string]interface{}), err
	}
	if _, err := drain(map[string]interface{}{"draining": "yes"}); err == nil {
		t.Error("a text was taken for a bool")
	}
	g.joined("one", nil)
	answer, err := drain(map[string]interface{}{"draining": true})
	if err != nil || answer["state"] != "draining" || answer["sessions"] != 1 {
		t.Errorf("the answer is %v (%v)", answer, err)
	}
}

func TestTheProjectsAgentServesUnlessTheGateDrains(t *testing.T) {
	gt, own := &basegate.Gate{}, &anAgent{}
	_ = gt.SetCreateAgent(func() gate.Agent { return own })
	d := &drain{announce: func(map[string]string) {}}
	if !d.guardAgents(gt, func(agent gate.Agent) gate.Agent { return agent }) {
		t.Fatal("this mqant hides the function that creates agents")
	}
	created := func() gate.Agent {
		field := reflect.ValueOf(gt).Elem().FieldByName("createAgent")
		return (*(*func() gate.Agent)(unsafe.Pointer(field.UnsafeAddr())))()
	}
	if created() != gate.Agent(own) {
		t.Error("the project's agent is not used")
	}
	d.set(true)
	if _, refuses := created().(*refusingAgent); !refuses {
		t.Error("a draining gate takes a connection")
	}
	d.set(false)
	if created() != gate.Agent(own) {
		t.Error("the project's agent is not used after the drain")
	}
}

func TestADrainReplacesTheMetadataAndPutsThemBack(t *testing.T) {
	own := map[string]string{"weight": "7", "zone": "a"}
	of := server.NewServer(server.Metadata(own))
	d := &drain{announce: announcer(of, nil)}
	d.set(true)
	got := of.Options().Metadata
	if got["state"] != "forbidden" || got["weight"] != "0" || got["zone"] != "a" || own["weight"] != "7" {
		t.Errorf("the metadata are %v, those of the project %v", got, own)
	}
	own["zone"] = "b" // the project changes its map meanwhile
	d.set(false)
	if got := of.Options().Metadata; got["weight"] != "7" || got["zone"] != "b" || got["state"] != "" {
		t.Errorf("the metadata after the drain are %v", got)
	}
}
