package gatectladdon

import (
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func fieldsOf(session []byte) map[string]interface{} {
	fields := map[string]interface{}{"settings": settingsOf(session)}
	for _, number := range []int{1, 2, 3, 4, 5, 6, 7, 10} {
		fields[fmt.Sprint(number)] = textOf(session, number)
	}
	return fields
}

func TestEncodesSessionsLikeMqant(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	text := func() string {
		return strings.Repeat([]string{"", "x", "老王", "\x00"}[random.Intn(4)], random.Intn(300))
	}
	g := newGate(t, nil)
	for round := 0; round < 500; round++ {
		settings := map[string]string{}
		for count := random.Intn(5); count > 0; count-- {
			settings[text()] = text()
		}
		session := g.join(fmt.Sprint(round), settings).session
		session.SetUserId(text())
		session.SetTopic(text())
		session.CreateTrace()
		e := &entry{id: fmt.Sprint(round), session: session}
		bytes, fault := e.encoded([]byte("before"))
		serialized, err := session.Serializable()
		if err != nil || fault != "" {
			t.Fatalf("%v %q", err, fault)
		}
		if string(bytes[:6]) != "before" || len(bytes)-6 != len(serialized) ||
			!reflect.DeepEqual(fieldsOf(bytes[6:]), fieldsOf(serialized)) {
			t.Fatalf("%q\n%q", bytes, serialized)
		}
		if again, err := g.host.newSession(bytes[6:]); err != nil || again.GetUserId() != session.GetUserId() {
			t.Fatalf("mqant reads %v of it: %v", again, err)
		}
	}
}

func TestEncodesSessionsWithoutAllocations(t *testing.T) {
	g := newGate(t, nil)
	e := &entry{session: g.join("s1", map[string]string{"room": "zion", "level": "41", "vip": "1", "lang": "zh"}).session}
	if _, can := e.session.(interface{ CloneSettings() map[string]string }); !can {
		return // mqant up to v1.4.6 encodes it
	}
	buffer := make([]byte, 0, 1024)
	if pieces := testing.AllocsPerRun(100, func() { e.encoded(buffer) }); pieces > 1 { // with the race detector a sync.Pool drops some items
		t.Fatalf("%v pieces of garbage a session", pieces)
	}
}

// Run under the race detector.
func TestEncodesSessionsDuringWrites(t *testing.T) {
	g := newGate(t, nil)
	g.joined("s1", map[string]string{"room": "zion"})
	e := g.table.get("s1")
	var writing sync.WaitGroup
	for worker := 0; worker < 2; worker++ {
		writing.Add(1)
		go func(worker int) {
			defer writing.Done()
			for at := 0; at < 500; at++ {
				g.run("Set", "s1", fmt.Sprint(worker), strings.Repeat("x", at))
				g.run("Bind", "s1", fmt.Sprint(at))
			}
		}(worker)
	}
	for at := 0; at < 2000; at++ {
		if bytes, fault := e.encoded(nil); fault != "" || settingsOf(bytes)["room"] != "zion" || sessionIDOf(bytes) != "s1" {
			t.Fatalf("%q %q", bytes, fault)
		}
	}
	writing.Wait()
}
