package gatectladdon

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/liangdas/mqant/gate"
)

// entry is a session that is connected.
type entry struct {
	id       string
	sequence int64
	session  gate.Session
	agent    gate.Agent

	// Of the table, under its lock.
	slot  int
	bound bool

	// Of the watcher, under its lock.
	view view

	kicked int32 // somebody asked the gate to close it
}

// numbers are what a gate knows of a connection beside its session.
type numbers struct {
	connectedAt, received, sent int64
}

func (e *entry) numbers() numbers {
	if e.agent == nil {
		return numbers{}
	}
	of := numbers{received: e.agent.RevNum(), sent: e.agent.SendNum()}
	if at := e.agent.ConnTime(); !at.IsZero() {
		of.connectedAt = millis(at)
	}
	return of
}

func millis(at time.Time) int64 { return at.UnixNano() / int64(time.Millisecond) }

// table holds the connected sessions in the order in which they came. A page of a listing goes on after a sequence number,
// so a session that stays for a whole listing is seen exactly once, however many come and go meanwhile.
type table struct {
	connects, disconnects, closedReceived, closedSent int64 // atomic

	lock     sync.RWMutex
	byID     map[string]*entry
	slots    []*entry // in order of sequence; nil where one has gone
	numbers  []int64  // the sequence of each slot
	gone     int
	sequence int64
	bound    int
	// Sessions whose end came before their beginning: mqant tells of a connection in a goroutine of its own, of its end
	// at once.
	early map[string]time.Time
}

func newTable() *table {
	return &table{byID: map[string]*entry{}, early: map[string]time.Time{}}
}

// add gives the entry of a session, and whether it is new. It is nil for one that has ended already.
func (t *table) add(session gate.Session, agent gate.Agent) (*entry, bool) {
	id := session.GetSessionId()
	t.lock.Lock()
	defer t.lock.Unlock()
	if known, ok := t.byID[id]; ok {
		return known, false
	}
	if _, ended := t.early[id]; ended {
		delete(t.early, id)
		return nil, false
	}
	t.sequence++
	e := &entry{id: id, sequence: t.sequence, session: session, agent: agent, slot: len(t.slots)}
	t.slots = append(t.slots, e)
	t.numbers = append(t.numbers, e.sequence)
	t.byID[id] = e
	atomic.AddInt64(&t.connects, 1)
	return e, true
}

// remove gives the entry that was removed, or nil.
func (t *table) remove(id string) *entry {
	t.lock.Lock()
	defer t.lock.Unlock()
	e := t.byID[id]
	if e == nil {
		t.remember(id)
		return nil
	}
	delete(t.byID, id)
	if e.bound {
		t.bound--
	}
	t.slots[e.slot] = nil
	t.gone++
	if t.gone > 1024 && t.gone > len(t.slots)/2 {
		t.compact()
	}
	atomic.AddInt64(&t.disconnects, 1)
	of := e.numbers()
	atomic.AddInt64(&t.closedReceived, of.received)
	atomic.AddInt64(&t.closedSent, of.sent)
	return e
}

// remember keeps an early end for a minute: what begins later than that never does.
func (t *table) remember(id string) {
	now := time.Now()
	if len(t.early) > 1000 {
		for old, at := range t.early {
			if now.Sub(at) > time.Minute {
				delete(t.early, old)
			}
		}
	}
	t.early[id] = now
}

func (t *table) compact() {
	slots, numbers := make([]*entry, 0, len(t.byID)), make([]int64, 0, len(t.byID))
	for _, e := range t.slots {
		if e != nil {
			e.slot = len(slots)
			slots, numbers = append(slots, e), append(numbers, e.sequence)
		}
	}
	t.slots, t.numbers, t.gone = slots, numbers, 0
}

func (t *table) get(id string) *entry {
	t.lock.RLock()
	defer t.lock.RUnlock()
	return t.byID[id]
}

func (t *table) counts() (sessions, bound int) {
	t.lock.RLock()
	defer t.lock.RUnlock()
	return len(t.byID), t.bound
}

// setBound keeps the count of bound sessions; of one that has gone it keeps nothing.
func (t *table) setBound(e *entry, bound bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if e.bound == bound || t.byID[e.id] != e {
		return
	}
	e.bound = bound
	if bound {
		t.bound++
	} else {
		t.bound--
	}
}

// noteUser is setBound for readers, who mostly find what is known already.
func (t *table) noteUser(e *entry, bound bool) {
	t.lock.RLock()
	known := e.bound == bound
	t.lock.RUnlock()
	if !known {
		t.setBound(e, bound)
	}
}

// after gives at most so many sessions that come after a sequence number, in order. The lock is held while pointers are
// copied, so that a long listing keeps nobody from connecting.
func (t *table) after(sequence int64, most int) []*entry {
	return t.appendAfter(make([]*entry, 0, most), sequence, most)
}

// appendAfter is after, into a slice that is there already and empty.
func (t *table) appendAfter(found []*entry, sequence int64, most int) []*entry {
	t.lock.RLock()
	defer t.lock.RUnlock()
	first := sort.Search(len(t.numbers), func(slot int) bool { return t.numbers[slot] > sequence })
	for _, e := range t.slots[first:] {
		if e == nil {
			continue
		}
		found = append(found, e)
		if len(found) == most {
			break
		}
	}
	return found
}

// newest is the number of the session that came last, whether it is still there or not.
func (t *table) newest() int64 {
	t.lock.RLock()
	defer t.lock.RUnlock()
	return t.sequence
}

// each looks at every session that is there all the while exactly once, and at none that comes meanwhile.
func (t *table) each(look func(e *entry)) {
	const stretch = 1000
	end := t.newest()
	for last := int64(0); last < end; {
		entries := t.after(last, stretch)
		for _, e := range entries {
			if e.sequence > end {
				return
			}
			look(e)
			last = e.sequence
		}
		if len(entries) < stretch {
			return
		}
	}
}
