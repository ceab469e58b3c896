package gatectladdon

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/module"
	mqrpc "github.com/liangdas/mqant/rpc"
	rpcpb "github.com/liangdas/mqant/rpc/pb"
)

// A test binary has no build information. All tested versions whose sessions have SettingsRange are in the list.
func init() { rangesWithLock, answersAsKnown = true, true }

// anAgent is a fake connection, used by mqant's real handler and sessions.
type anAgent struct {
	gate.Agent
	session  gate.Session
	received int64
}

func (a *anAgent) GetSession() gate.Session              { return a.session }
func (a *anAgent) ConnTime() time.Time                   { return time.Unix(1700000000, 0) }
func (a *anAgent) RevNum() int64                         { return atomic.LoadInt64(&a.received) }
func (a *anAgent) SendNum() int64                        { return 4 }
func (a *anAgent) IsClosed() bool                        { return false }
func (a *anAgent) ProtocolOK() bool                      { return true }
func (a *anAgent) GetError() error                       { return errors.New("EOF") }
func (a *anAgent) WriteMsg(topic string, b []byte) error { return nil }
func (a *anAgent) Close()                                {}

// aGate is mqant's gate handler with the add-on attached, without network and bus.
type aGate struct {
	*Addon
	t       testing.TB
	gate    *basegate.Gate
	handler interface {
		gate.GateHandler
		gate.AgentLearner
	}
	coming sync.Mutex
	lock   sync.Mutex
	pages  map[string][]eventPage
}

// anApp has the options that mqant v1.2.0 reads when it creates a session.
type anApp struct{ module.App }

func (anApp) Options() module.Options { return module.Options{} }

func newGate(t testing.TB, own gate.SessionLearner) *aGate {
	g := &aGate{t: t, gate: &basegate.Gate{}, pages: map[string][]eventPage{}}
	g.handler = basegate.NewGateHandler(g.gate)
	g.Addon = newAddon(host{
		nodeID:     "Gate@test",
		agent:      g.handler.GetAgent,
		storage:    g.gate.GetStorageHandler,
		newSession: func(data []byte) (gate.Session, error) { return basegate.NewSession(anApp{}, data) },
		publish:    g.publish,
		maxPayload: 1 << 20,
		replies:    newReplies(defaultReplyInboxes, func(string) {}),
	})
	g.watcher.tick = 5 * time.Millisecond
	_ = g.gate.SetSessionLearner(learner{g.Addon, own})
	return g
}

func (g *aGate) join(id string, settings map[string]string) *anAgent {
	if settings == nil {
		settings = map[string]string{}
	}
	session, err := basegate.NewSessionByMap(anApp{}, map[string]interface{}{
		"Sessionid": id, "Serverid": "Gate@test", "Network": "tcp", "IP": "127.0.0.1:1", "Settings": settings,
	})
	if err != nil {
		g.t.Fatal(err)
	}
	agent := &anAgent{session: session}
	g.coming.Lock() // older versions of mqant count their connections without a lock
	g.handler.Connect(agent)
	g.coming.Unlock()
	return agent
}

func (g *aGate) leave(agent gate.Agent) {
	g.coming.Lock()
	defer g.coming.Unlock()
	g.handler.DisConnect(agent)
}

// joined waits until the add-on knows the session.
func (g *aGate) joined(id string, settings map[string]string) *anAgent {
	agent := g.join(id, settings)
	until(g.t, "the session "+id, func() bool { return g.table.get(id) != nil })
	return agent
}

// call runs a call as mqant does: notifies the listener, runs the handler, and notifies the listener of the result.
func (g *aGate) call(fn string, args ...string) {
	call := newCall(fn, args...)
	g.writes(call, fn)
	g.ended(call, fn, g.run(fn, args...))
}

func (g *aGate) run(fn string, args ...string) []byte {
	var session interface{}
	var failure string
	switch fn {
	case "Bind":
		session, failure = g.handler.Bind(nil, args[0], args[1])
	case "UnBind":
		session, failure = g.handler.UnBind(nil, args[0])
	case "Set":
		session, failure = g.handler.Set(nil, args[0], args[1], args[2])
	case "Remove":
		session, failure = g.handler.Remove(nil, args[0], args[1])
	}
	if failure != "" {
		return nil
	}
	bytes, err := session.(gate.Session).Serializable()
	if err != nil {
		return nil
	}
	return bytes
}

// newCall returns a call of this mqant version.
func newCall(fn string, args ...string) *mqrpc.CallInfo {
	info := &rpcpb.RPCInfo{Fn: fn, Args: [][]byte{nil}}
	for _, arg := range args {
		info.Args = append(info.Args, []byte(arg))
	}
	call := &mqrpc.CallInfo{}
	fields := reflect.ValueOf(call).Elem()
	field := fields.FieldByName("RPCInfo")
	if !field.IsValid() {
		field = fields.FieldByName("RpcInfo")
	}
	if field.Kind() == reflect.Ptr {
		field.Set(reflect.ValueOf(info))
	} else {
		field.Set(reflect.ValueOf(info).Elem())
	}
	return call
}

type event struct {
	kind            int64
	id, user        string
	before, why     string
	keys            []string
	settings        map[string]string
	connectedAt, at int64
}

func (e event) String() string {
	return fmt.Sprintf("%d %s %s<%s %v", e.kind, e.id, e.user, e.before, e.keys)
}

type eventPage struct {
	first, feed int64
	events      []event
}

func (g *aGate) publish(subject string, bytes []byte) error {
	page := eventPage{}
	err := eachField(bytes, func(field int, value uint64, data []byte) error {
		switch field {
		case 1:
			page.events = append(page.events, decodeEvent(data))
		case 3:
			page.first = int64(value)
		case 4:
			page.feed = int64(value)
		}
		return nil
	})
	if err != nil || len(bytes) > 1<<19+1024 {
		g.t.Errorf("a page of %d bytes: %v", len(bytes), err)
	}
	g.lock.Lock()
	defer g.lock.Unlock()
	g.pages[subject] = append(g.pages[subject], page)
	return nil
}

func decodeEvent(bytes []byte) event {
	e := event{}
	_ = eachField(bytes, func(field int, value uint64, data []byte) error {
		switch field {
		case 1:
			e.kind = int64(value)
		case 2:
			e.at = int64(value)
		case 3:
			e.id, e.user, e.settings = sessionIDOf(data), userIDOf(data), settingsOf(data)
		case 4:
			e.before = string(data)
		case 5:
			e.keys = append(e.keys, string(data))
		case 6:
			e.why = string(data)
		case 7:
			e.connectedAt = int64(value)
		}
		return nil
	})
	return e
}

// heard returns the events sent to an inbox, after checking their numbers.
func (g *aGate) heard(inbox string) (events []event) {
	g.lock.Lock()
	defer g.lock.Unlock()
	next := int64(1)
	for _, page := range g.pages[inbox] {
		if page.first != next {
			g.t.Fatalf("a page begins with %d instead of %d", page.first, next)
		}
		next += int64(len(page.events))
		events = append(events, page.events...)
	}
	return events
}

type row struct {
	id, user, fault             string
	settings                    map[string]string
	connectedAt, received, sent int64
}

func rowsOf(t testing.TB, page []byte) (rows []row, next string) {
	err := eachField(page, func(field int, _ uint64, data []byte) error {
		if field == 2 {
			next = string(data)
		}
		if field != 1 {
			return nil
		}
		one := row{}
		err := eachField(data, func(field int, value uint64, data []byte) error {
			switch field {
			case 1:
				one.id, one.user, one.settings = sessionIDOf(data), userIDOf(data), settingsOf(data)
			case 2:
				one.connectedAt = int64(value)
			case 4:
				one.received = int64(value)
			case 5:
				one.sent = int64(value)
			case 6:
				one.fault = string(data)
			}
			return nil
		})
		rows = append(rows, one)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, next
}

func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

// setReply makes it a call that expects a reply.
func setReply(call *mqrpc.CallInfo) {
	reflect.ValueOf(infoOf(call)).Elem().FieldByName("Reply").SetBool(true)
}
