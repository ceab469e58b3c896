package gatectladdon

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

type fields = map[string]interface{}

func TestAppliesEditsAtomically(t *testing.T) {
	store := &memory{kept: map[string][]byte{}}
	g := withStorage(t, store)
	g.joined("s1", map[string]string{"room": "a", "old": "1"})
	g.call("Bind", "s1", "neo")
	_, _ = g.watcher.watch("_INBOX.a", 10*time.Second)
	edit := fields{"session": "s1", "set": fields{"room": "b", "new": "2"}, "unset": []interface{}{"old"}}
	for _, expected := range []fields{{"room": "z"}, {"new": ""}, {"old": nil}} {
		edit["expected"] = expected
		if _, err := g.edits.run(edit); err != errExpected {
			t.Fatalf("%v: %v", expected, err)
		}
	}
	edit["expected"] = fields{"room": "a", "old": "1", "new": nil}
	session, err := g.edits.run(edit)
	if err != nil {
		t.Fatal(err)
	}
	bytes, _ := session.Serializable()
	for _, got := range []map[string]string{settingsOf(bytes), settingsOf(store.kept["neo"])} {
		if len(got) != 2 || got["room"] != "b" || got["new"] != "2" {
			t.Fatal(got)
		}
	}
	until(t, "the event", func() bool { return len(g.heard("_INBOX.a")) == 1 })
	if heard := g.heard("_INBOX.a")[0]; heard.kind != kindSettings || len(heard.keys) != 3 || heard.settings["room"] != "b" {
		t.Fatalf("%+v", heard)
	}
	if _, err := g.edits.run(fields{"session": "s9"}); err != errNoSession {
		t.Fatal(err)
	}
	if _, err := g.edits.run(fields{"session": "s1", "set": fields{"a": 1}}); err == nil {
		t.Fatal("a number is no setting")
	}
}

func TestLosesNoConcurrentEdit(t *testing.T) {
	g := newGate(t, nil)
	agent := g.joined("s1", map[string]string{"n": "0"})
	var running sync.WaitGroup
	for who := 0; who < 4; who++ {
		running.Add(1)
		go func() {
			defer running.Done()
			for done := 0; done < 100; {
				now := copiedSettings(agent.session.Clone())["n"]
				var n int
				_, _ = fmt.Sscan(now, &n)
				_, err := g.edits.run(fields{
					"session": "s1", "set": fields{"n": fmt.Sprint(n + 1)}, "expected": fields{"n": now},
				})
				if err == nil {
					done++
				}
			}
		}()
	}
	running.Wait()
	if n := copiedSettings(agent.session.Clone())["n"]; n != "400" {
		t.Fatal(n)
	}
}
