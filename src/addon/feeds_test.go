package gatectladdon

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	mqrpc "github.com/liangdas/mqant/rpc"
	rpcpb "github.com/liangdas/mqant/rpc/pb"
)

func TestSendsEventsInOrder(t *testing.T) {
	g := newGate(t, nil)
	first, err := g.watcher.watch("_INBOX.a", 10*time.Second)
	if err != nil || first.next != 1 || first.granted != 10*time.Second {
		t.Fatalf("%+v %v", first, err)
	}
	agent := g.joined("s1", nil)
	g.call("Bind", "s1", "neo")
	g.call("Set", "s1", "room", "zion")
	g.call("Remove", "s1", "room")
	g.call("UnBind", "s1")
	g.writes(newCall("Close", "s1"), "Close")
	g.leave(agent)
	until(t, "the end", func() bool {
		heard := g.heard("_INBOX.a")
		return len(heard) > 0 && heard[len(heard)-1].kind == kindClosed
	})
	got := fmt.Sprint(g.heard("_INBOX.a"))
	want := "[1 s1 < [] 3 s1 neo< [] 5 s1 neo<neo [room] 5 s1 neo<neo [room] 4 s1 <neo [] 2 s1 < []]"
	if got != want {
		t.Fatalf("\n got %s\nwant %s", got, want)
	}
	if last := g.heard("_INBOX.a")[5]; last.why != "kicked" || last.connectedAt != 1700000000000 {
		t.Fatalf("%+v", last)
	}
	again, _ := g.watcher.watch("_INBOX.a", 10*time.Second)
	if again.feed != first.feed || again.next != 7 {
		t.Fatalf("%+v", again)
	}
}

// mqant reports a call as complete after replying, so the same caller's next call may complete first.
func TestOrdersWritesByTheirStart(t *testing.T) {
	g := newGate(t, nil)
	g.joined("s1", nil)
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	one, two := newCall("Set", "s1", "n", "1"), newCall("Set", "s1", "n", "2")
	g.writes(one, "Set")
	first := g.run("Set", "s1", "n", "1")
	g.writes(two, "Set")
	g.ended(two, "Set", g.run("Set", "s1", "n", "2"))
	g.ended(one, "Set", first)
	until(t, "both", func() bool { return len(g.heard("_INBOX.a")) == 2 })
	heard := g.heard("_INBOX.a")
	if heard[0].settings["n"] != "1" || heard[1].settings["n"] != "2" {
		t.Fatalf("%v %v", heard[0].settings, heard[1].settings)
	}
}

func TestHangingWritesDelayEventsBriefly(t *testing.T) {
	g := newGate(t, nil)
	g.joined("s1", nil)
	g.joined("s2", nil)
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	g.writes(newCall("Set", "s1", "n", "1"), "Set")
	g.call("Set", "s2", "n", "2")
	until(t, "the other", func() bool { return len(g.heard("_INBOX.a")) == 1 })
}

func TestSendsNoEventForFailedWrites(t *testing.T) {
	g := newGate(t, nil)
	g.joined("s1", nil)
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	call := newCall("Set", "s1", "n", "1")
	g.writes(call, "Set")
	g.ended(call, "Set", nil)
	g.call("Bind", "s1", "neo")
	until(t, "the bind", func() bool { return len(g.heard("_INBOX.a")) == 1 })
	if heard := g.heard("_INBOX.a"); heard[0].kind != kindBound {
		t.Fatal(heard)
	}
}

func TestFindsChangesMadeInsideTheGate(t *testing.T) {
	g := newGate(t, nil)
	agent := g.joined("s1", map[string]string{"room": "a"})
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	until(t, "a first look", func() bool {
		g.watcher.lock.Lock()
		defer g.watcher.lock.Unlock()
		return g.table.get("s1").view.generation == g.watcher.generation
	})
	agent.session.SetUserId("neo")
	until(t, "the bind", func() bool { return len(g.heard("_INBOX.a")) == 1 })
	_ = agent.session.SetLocalKV("room", "b")
	until(t, "the setting", func() bool { return len(g.heard("_INBOX.a")) == 2 })
	if got := fmt.Sprint(g.heard("_INBOX.a")); got != "[3 s1 neo< [] 5 s1 neo<neo [room]]" {
		t.Fatal(got)
	}
	if _, bound := g.table.counts(); bound != 1 {
		t.Fatalf("%d bound", bound)
	}
}

func TestSendsConcurrentWritesInOrderToAllWatchers(t *testing.T) {
	g := newGate(t, nil)
	const writers, writes = 8, 200
	for at := 0; at < writers; at++ {
		g.joined(fmt.Sprint("s", at), nil)
	}
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	_, _ = g.watcher.watch("_INBOX.b", 10*time.Second)
	var running sync.WaitGroup
	for at := 0; at < writers; at++ {
		running.Add(1)
		go func(id string) {
			defer running.Done()
			for n := 0; n < writes; n++ {
				g.call("Set", id, "n", fmt.Sprint(n))
			}
		}(fmt.Sprint("s", at))
	}
	running.Wait()
	for _, inbox := range []string{"_INBOX.a", "_INBOX.b"} {
		until(t, "all events", func() bool { return len(g.heard(inbox)) == writers*writes })
		next := map[string]int{}
		for _, event := range g.heard(inbox) {
			if event.settings["n"] != fmt.Sprint(next[event.id]) {
				t.Fatalf("%s: %s after %d", event.id, event.settings["n"], next[event.id])
			}
			next[event.id]++
		}
	}
}

func TestEndsExpiredLeases(t *testing.T) {
	g := newGate(t, nil)
	given, _ := g.watcher.watch("_INBOX.a", time.Millisecond)
	if given.granted != time.Second {
		t.Fatalf("granted %v", given.granted)
	}
	until(t, "nobody to watch", func() bool { return !g.watcher.isWatched() })
	again, _ := g.watcher.watch("_INBOX.a", time.Hour)
	if again.feed == given.feed || again.next != 1 || again.granted != time.Minute {
		t.Fatalf("%+v after %+v", again, given)
	}
}

func TestRefusesInvalidInboxes(t *testing.T) {
	g := newGate(t, nil)
	for _, inbox := range []string{"", "a b", "a.>", "*", "a..b", "$SYS.x", "mqant.gate.Gate.a", "_INBOX", "_INBOXX.a", "_INBOX.*", "_INBOX.a\r\n", "$KV.sess.u1", strings.Repeat("x", 300)} {
		if _, err := g.watcher.watch(inbox, time.Second); err == nil || !strings.Contains(err.Error(), "invalid inbox") {
			t.Errorf("%q: %v", inbox, err)
		}
	}
}

func TestAcceptsAHundredWatchers(t *testing.T) {
	g := newGate(t, nil)
	for at := 0; at < mostFeeds; at++ {
		if _, err := g.watcher.watch(fmt.Sprint("_INBOX.", at), time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.watcher.watch("_INBOX.more", time.Second); err == nil {
		t.Fatal("one more may")
	}
}

// theirs is a project's own listener.
type theirs struct{ told []string }

func (l *theirs) NoFoundFunction(fn string) (*mqrpc.FunctionInfo, error) {
	return nil, errors.New("none")
}
func (l *theirs) OnTimeOut(fn string, expired int64) { l.told = append(l.told, "timeout "+fn) }
func (l *theirs) BeforeHandle(fn string, call *mqrpc.CallInfo) error {
	l.told = append(l.told, "before "+fn)
	if fn == "Bind" {
		return errors.New("not today")
	}
	return nil
}
func (l *theirs) OnError(fn string, call *mqrpc.CallInfo, err error) {
	l.told = append(l.told, "error "+fn)
}
func (l *theirs) OnComplete(fn string, call *mqrpc.CallInfo, result *rpcpb.ResultInfo, took int64) {
	l.told = append(l.told, "complete "+fn)
}

func TestForwardsCallsToTheProjectsListener(t *testing.T) {
	g, own := newGate(t, nil), &theirs{}
	g.joined("s1", nil)
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	all := &listener{next: own, checks: func(string, *mqrpc.CallInfo) error { return nil }, writes: g.writes, ended: g.ended}
	var _ mqrpc.RPCListener = all
	if err := all.BeforeHandle("Bind", newCall("Bind", "s1", "neo")); err == nil {
		t.Fatal("the refusal is lost")
	}
	set := newCall("Set", "s1", "a", "b")
	_ = all.BeforeHandle("Set", set)
	all.OnComplete("Set", set, &rpcpb.ResultInfo{ResultType: "SESSION", Result: g.run("Set", "s1", "a", "b")}, 1)
	all.OnError("Set", newCall("Set", "s9", "a", "b"), errors.New("none"))
	all.OnTimeOut("Set", 1)
	if _, err := all.NoFoundFunction("x"); err == nil {
		t.Fatal("no error")
	}
	if got := fmt.Sprint(own.told); got != "[before Bind before Set complete Set error Set timeout Set]" {
		t.Fatal(got)
	}
	until(t, "the setting", func() bool { return len(g.heard("_INBOX.a")) == 1 })
}
