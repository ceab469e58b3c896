package gatectladdon

import (
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"

	"github.com/liangdas/mqant/gate"
)

// everything reads one listing from its first page to its last.
func everything(t testing.TB, g *aGate, limit int) (rows []row) {
	for after := ""; ; {
		page, err := g.Addon.pages.list(after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > g.Addon.pages.limitBytes+1024 {
			t.Fatalf("a page of %d bytes", len(page))
		}
		some, next := rowsOf(t, page)
		rows = append(rows, some...)
		if next == "" {
			return rows
		}
		after = next
	}
}

func TestListsStayingSessionsExactlyOnce(t *testing.T) {
	g := newGate(t, nil)
	for at := 0; at < 3000; at++ {
		g.join(fmt.Sprintf("stays %d", at), map[string]string{"room": "a"})
	}
	until(t, "all to be there", func() bool { sessions, _ := g.table.counts(); return sessions == 3000 })
	stop := make(chan bool)
	var churning sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		churning.Add(1)
		go func(worker int) {
			defer churning.Done()
			random := rand.New(rand.NewSource(int64(worker)))
			var agents []gate.Agent
			for at := 0; ; at++ {
				select {
				case <-stop:
					for _, agent := range agents {
						g.leave(agent)
					}
					return
				default:
				}
				agents = append(agents, g.join(fmt.Sprintf("comes %d %d", worker, at), nil))
				if len(agents) > 200 {
					leaves := random.Intn(len(agents))
					g.leave(agents[leaves])
					agents = append(agents[:leaves], agents[leaves+1:]...)
				}
			}
		}(worker)
	}
	for round := 0; round < 4; round++ {
		seen := map[string]int{}
		for _, row := range everything(t, g, 100+round*200) {
			seen[row.id]++
			if seen[row.id] > 1 {
				t.Fatalf("%s is in the listing twice", row.id)
			}
		}
		for at := 0; at < 3000; at++ {
			if id := fmt.Sprintf("stays %d", at); seen[id] != 1 {
				t.Fatalf("%s is in the listing %d times", id, seen[id])
			}
		}
	}
	close(stop)
	churning.Wait()
	until(t, "those who left to be forgotten", func() bool { sessions, _ := g.table.counts(); return sessions == 3000 })
	if agents := g.handler.GetAgentNum(); agents != 3000 {
		t.Fatalf("the gate has %d", agents)
	}
}

func TestEndsListingsWithTheNewestSessionAtTheirStart(t *testing.T) {
	g := newGate(t, nil)
	for at := 0; at < 20; at++ {
		g.joined(fmt.Sprintf("old %d", at), nil)
	}
	rows := 0
	for after, page := "", 0; ; page++ { // more sessions connect between two pages than fit into one
		for at := 0; at < 20; at++ {
			g.joined(fmt.Sprintf("new %d %d", page, at), nil)
		}
		bytes, err := g.Addon.pages.list(after, 10)
		if err != nil || page > 10 {
			t.Fatalf("page %d: %v", page, err)
		}
		some, next := rowsOf(t, bytes)
		if rows += len(some); next == "" {
			break
		}
		after = next
	}
	if rows != 40 {
		t.Fatalf("%d rows", rows)
	}
}

func TestRowsHaveTheGatesNumbers(t *testing.T) {
	g := newGate(t, nil)
	agent := g.joined("s1", map[string]string{"room": "zion"})
	agent.received = 7
	g.call("Bind", "s1", "neo")
	rows := everything(t, g, 10)
	if len(rows) != 1 || rows[0].user != "neo" || rows[0].settings["room"] != "zion" || rows[0].received != 7 ||
		rows[0].sent != 4 || rows[0].connectedAt != 1700000000000 || rows[0].fault != "" {
		t.Fatalf("%+v", rows)
	}
	if sessions, bound := g.table.counts(); sessions != 1 || bound != 1 {
		t.Fatalf("%d sessions, %d bound", sessions, bound)
	}
	g.call("UnBind", "s1")
	if _, bound := g.table.counts(); bound != 0 {
		t.Fatalf("%d bound", bound)
	}
}

func TestKeepsPagesUnderTheLimit(t *testing.T) {
	g := newGate(t, nil)
	for at := 0; at < 40; at++ {
		g.joined(fmt.Sprint(at), map[string]string{"much": strings.Repeat("x", 100_000)})
	}
	if rows := everything(t, g, 2000); len(rows) != 40 {
		t.Fatalf("%d rows", len(rows))
	}
}

func TestKeepsPagesSmall(t *testing.T) {
	g := newGate(t, nil)
	for at := 0; at < 300; at++ {
		settings := map[string]string{"room": strings.Repeat("x", at)}
		if at%100 == 50 {
			settings["much"] = strings.Repeat("x", 100_000)
		}
		g.joined(fmt.Sprint(at), settings)
	}
	seen := 0
	for after := ""; ; {
		page, err := g.Addon.pages.list(after, 2000)
		if err != nil {
			t.Fatal(err)
		}
		rows, next := rowsOf(t, page)
		if len(page) > maxPageBytes+64 && len(rows) > 1 {
			t.Fatalf("a page of %d bytes and %d rows", len(page), len(rows))
		}
		if seen += len(rows); next == "" {
			break
		}
		after = next
	}
	if seen != 300 {
		t.Fatalf("%d rows", seen)
	}
}

func TestNamesSessionsTooLargeForAPage(t *testing.T) {
	g := newGate(t, nil)
	g.joined("big", map[string]string{"much": strings.Repeat("x", 600_000)})
	g.joined("small", nil)
	rows := everything(t, g, 10)
	if len(rows) != 2 || rows[0].id != "big" || !strings.Contains(rows[0].fault, "more than fits") || rows[1].fault != "" {
		t.Fatalf("%+v", rows)
	}
}

func TestListsSessionsThatMqantCannotEncode(t *testing.T) {
	g := newGate(t, nil)
	g.joined("poisoned", map[string]string{"room": "zion"})
	g.joined("well", nil)
	g.call("Set", "poisoned", "name", "\xff\xfe")
	rows := everything(t, g, 10)
	if len(rows) != 2 || rows[0].id != "poisoned" || rows[0].settings["room"] != "zion" {
		t.Fatalf("%+v", rows)
	}
	if !strings.Contains(rows[0].fault, "UTF-8") || rows[0].settings["name"] != "\uFFFD" {
		t.Fatalf("%+v", rows[0])
	}
	if page, err := g.Addon.pages.find(""); err != nil || len(page) == 0 {
		t.Fatalf("find: %v", err)
	}
}

func TestHandlesDisconnectBeforeConnect(t *testing.T) {
	g := newGate(t, nil)
	agent := g.joined("s1", nil)
	session := agent.session
	g.closed("s2") // its Connect has not been reported yet
	if e, _ := g.table.add(session, agent); e == nil {
		t.Fatal("a session that is there is refused")
	}
	ghost := &anAgent{session: session.Clone()}
	ghost.session.SetSessionId("s2")
	if e, isNew := g.table.add(ghost.session, ghost); e != nil || isNew {
		t.Fatal("a session that has ended came back")
	}
	if rows := everything(t, g, 10); len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
}

func TestFindsUserIdsSetInsideTheGate(t *testing.T) {
	g := newGate(t, nil)
	g.joined("s1", nil)
	g.joined("s2", nil)
	g.call("Bind", "s1", "neo")
	agent, _ := g.handler.GetAgent("s2")
	agent.GetSession().SetUserId("neo") // code inside the gate, which no hook reports
	page, err := g.Addon.pages.find("neo")
	rows, next := rowsOf(t, page)
	if err != nil || len(rows) != 2 || next != "" {
		t.Fatalf("%v %+v", err, rows)
	}
	if _, bound := g.table.counts(); bound != 2 {
		t.Fatalf("%d bound", bound)
	}
}

func TestRefusesCursorsOfAnotherRun(t *testing.T) {
	g := newGate(t, nil)
	for _, cursor := range []string{"abc-1", "x", g.Addon.pages.life + "-", g.Addon.pages.life + "-0-1", g.Addon.pages.life + "-1x-2", g.Addon.pages.life + "-2-1"} {
		if _, err := g.Addon.pages.list(cursor, 10); err == nil || !strings.Contains(err.Error(), "not issued by this run") {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}

func TestGarbageNeverPanics(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for round := 0; round < 20000; round++ {
		bytes := make([]byte, random.Intn(60))
		random.Read(bytes)
		settingsOf(bytes)
		userIDOf(bytes)
	}
}

type recorder struct {
	lock sync.Mutex
	told []string
	g    *aGate
}

func (r *recorder) note(what string, session gate.Session) {
	_, err := r.g.handler.GetAgent(session.GetSessionId())
	r.lock.Lock()
	defer r.lock.Unlock()
	r.told = append(r.told, fmt.Sprintf("%s %s %v", what, session.GetSessionId(), err == nil))
}
func (r *recorder) Connect(session gate.Session)    { r.note("connect", session) }
func (r *recorder) DisConnect(session gate.Session) { r.note("disconnect", session) }

func TestForwardsSessionsToTheProjectsLearner(t *testing.T) {
	own := &recorder{}
	g := newGate(t, own)
	own.g = g
	agent := g.joined("s1", nil)
	until(t, "the project's own Connect", func() bool { own.lock.Lock(); defer own.lock.Unlock(); return len(own.told) == 1 })
	g.leave(agent)
	if got := fmt.Sprint(own.told); got != "[connect s1 true disconnect s1 true]" {
		t.Fatal(got)
	}
}
