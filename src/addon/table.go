package gatectladdon

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/liangdas/mqant/gate"
)

// entry is a connected session.
type entry struct {
	id       string
	sequence int64
	session  gate.Session
	agent    gate.Agent

	// Owned by the table, under its lock.
	slot  int
	bound bool

	// Owned by the watcher, under its lock.
	view view

	kicked int32 // 1 if an operator asked the gate to close the session
}

// numbers are the statistics of a connection.
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

// table holds the connected sessions in order of connecting. Pages continue after a sequence number, so a session that
// stays connected is listed exactly once.
type table struct {
	connects, disconnects, closedReceived, closedSent int64 // atomic

	lock     sync.RWMutex
	byID     map[string]*entry
	slots    []*entry // in order of sequence; nil after a session closed
	numbers  []int64  // the sequence number of each slot
	gone     int
	sequence int64
	bound    int
	// Sessions that closed before they were added: mqant reports a new connection in a separate goroutine, but its end at
	// once.
	early map[string]time.Time
}

func newTable() *table {
	return &table{byID: map[string]*entry{}, early: map[string]time.Time{}}
}

// add returns the entry of a session, and whether it is new. The entry is nil if the session has already closed.
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

// remove returns the removed entry, or nil.
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

// remember keeps an early close for a minute; no connection is reported later than that.
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

// setBound updates the count of bound sessions. It ignores removed sessions.
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

// noteUser is setBound, optimised for the common case that nothing has changed.
func (t *table) noteUser(e *entry, bound bool) {
	t.lock.RLock()
	known := e.bound == bound
	t.lock.RUnlock()
	if !known {
		t.setBound(e, bound)
	}
}

// after returns at most `most` sessions after a sequence number, in order. It holds the lock only to copy pointers, so
// a long listing does not block new connections.
func (t *table) after(sequence int64, most int) []*entry {
	return t.appendAfter(make([]*entry, 0, most), sequence, most)
}

// appendAfter is `after` with a reusable, empty slice.
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

// newest returns the sequence number of the newest session, which may have been closed.
func (t *table) newest() int64 {
	t.lock.RLock()
	defer t.lock.RUnlock()
	return t.sequence
}

// each visits every session that stays connected exactly once, and none that connects meanwhile.
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
