package gatectladdon

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/liangdas/mqant/gate"
)

const (
	mostFeeds   = 100
	batchEvery  = 100 * time.Millisecond
	leastLease  = time.Second
	longestHold = 2 * time.Second // a slower write no longer delays the events after it
)

// view is the state of a session that was last reported to watchers.
type view struct {
	generation int64 // of the watcher; a view of another generation is stale
	userID     string
	bytes      []byte
	pending    int // number of its pending events
}

// watcher sends events to watchers. Without watchers, an event costs one comparison.
type watcher struct {
	publish    func(subject string, bytes []byte) error
	replies    *replies
	limitBytes int
	table      *table
	watched    int32 // atomic: whether there is a feed

	// Held while pages are published, to keep their order. `lock` is released, so a slow bus delays nothing else.
	sending sync.Mutex

	lock       sync.Mutex
	feeds      map[string]*feed
	lastID     int64
	generation int64
	queue      []*change
	open       map[interface{}]*change // running writes, by mqant's call
	running    bool
	polled     int64
	tick       time.Duration
}

func newWatcher(table *table, limitBytes int, publish func(subject string, bytes []byte) error, replies *replies) *watcher {
	return &watcher{
		publish: publish, replies: replies, limitBytes: limitBytes, table: table, tick: batchEvery,
		feeds: map[string]*feed{}, open: map[interface{}]*change{},
	}
}

func (w *watcher) isWatched() bool { return atomic.LoadInt32(&w.watched) != 0 }

// lease is the reply to GatectlWatch.
type lease struct {
	feed, next int64
	granted    time.Duration
}

// watch starts a feed, or renews the lease of the feed with that inbox.
func (w *watcher) watch(inbox string, wanted time.Duration) (lease, error) {
	if !w.replies.allows(inbox, "GatectlWatch") {
		if len(inbox) > 80 {
			inbox = inbox[:80]
		}
		return lease{}, fmt.Errorf("invalid inbox %q", inbox)
	}
	if wanted < leastLease {
		wanted = leastLease
	} else if wanted > time.Minute {
		wanted = time.Minute
	}
	w.sending.Lock()
	defer w.sending.Unlock()
	w.lock.Lock()
	given, err := w.renew(inbox, wanted)
	letters := w.take()
	w.lock.Unlock()
	w.post(letters)
	return given, err
}

func (w *watcher) renew(inbox string, wanted time.Duration) (lease, error) {
	now := time.Now()
	w.forgetExpired(now)
	w.settle(now)
	f := w.feeds[inbox]
	if f == nil {
		if len(w.feeds) >= mostFeeds {
			return lease{}, errors.New("too many watchers: the gate already has 100")
		}
		f = w.start(inbox, now)
	}
	f.expiresAt = now.Add(wanted)
	return lease{feed: f.id, next: f.next + f.count, granted: wanted}, nil
}

func (w *watcher) start(inbox string, now time.Time) *feed {
	// starts at the current time, so that ids differ from those before a restart
	w.lastID++
	if at := millis(now); at > w.lastID {
		w.lastID = at
	}
	f := &feed{inbox: inbox, id: w.lastID, next: 1}
	if len(w.feeds) == 0 {
		w.generation++
	}
	w.feeds[inbox] = f
	atomic.StoreInt32(&w.watched, 1)
	if !w.running {
		w.running = true
		go w.run()
	}
	return f
}

// run sends events ten times a second while there are watchers.
func (w *watcher) run() {
	ticker := time.NewTicker(w.tick)
	defer ticker.Stop()
	for range ticker.C {
		w.poll()
		if !w.flush() {
			return
		}
	}
}

// flush returns false if there are no more watchers.
func (w *watcher) flush() bool {
	w.sending.Lock()
	defer w.sending.Unlock()
	w.lock.Lock()
	now := time.Now()
	w.forgetExpired(now)
	if len(w.feeds) == 0 {
		w.stop()
		w.lock.Unlock()
		return false
	}
	w.settle(now)
	letters := w.take()
	w.lock.Unlock()
	w.post(letters)
	return true
}

func (w *watcher) stop() {
	atomic.StoreInt32(&w.watched, 0)
	w.running = false
	w.queue = nil
	w.open = map[interface{}]*change{}
	w.polled = 0
	w.table.each(func(e *entry) { e.view = view{} })
}

func (w *watcher) forgetExpired(now time.Time) {
	for inbox, f := range w.feeds {
		if !f.expiresAt.After(now) && !f.expiresAt.IsZero() {
			delete(w.feeds, inbox)
		}
	}
}

// begin fixes the order of a write that is about to run. `call` identifies it when it completes.
func (w *watcher) begin(call interface{}, kind int64, e *entry, keys []string) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.feeds) == 0 {
		return
	}
	w.viewOf(e)
	h := &change{call: call, kind: kind, of: e, begun: time.Now(), keys: keys}
	w.enqueue(h)
	w.open[call] = h
}

// complete ends a write. `bytes` is the session after it, or nil if the write failed.
func (w *watcher) complete(call interface{}, bytes []byte) {
	w.lock.Lock()
	defer w.lock.Unlock()
	h := w.open[call]
	if h == nil {
		return
	}
	delete(w.open, call)
	h.done, h.dropped, h.at = true, bytes == nil, millis(time.Now())
	h.bytes, h.numbers = bytes, h.of.numbers()
}

// arrive adds a session to the table. Its event precedes the events of writes to it, which may follow immediately.
func (w *watcher) arrive(session gate.Session, agent gate.Agent) *entry {
	if !w.isWatched() {
		e, _ := w.table.add(session, agent)
		return e
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	e, isNew := w.table.add(session, agent)
	if isNew && len(w.feeds) > 0 {
		w.enqueue(over(kindConnected, e, ""))
	}
	return e
}

// leave reports a session that was removed from the table.
func (w *watcher) leave(e *entry, why string) {
	if !w.isWatched() {
		return
	}
	h := over(kindClosed, e, why)
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.feeds) > 0 {
		w.enqueue(h)
	}
}

// over returns an event for a change that is already complete.
func over(kind int64, e *entry, why string) *change {
	bytes, _ := e.encoded(nil)
	now := time.Now()
	return &change{
		kind: kind, of: e, begun: now, done: true, at: millis(now), bytes: bytes, why: why, numbers: e.numbers(),
	}
}

func (w *watcher) enqueue(h *change) {
	if h.of.view.generation != w.generation {
		h.of.view = view{}
	}
	h.of.view.pending++
	w.queue = append(w.queue, h)
}

// settle moves completed events into the feeds, in order.
func (w *watcher) settle(now time.Time) {
	at := 0
	for ; at < len(w.queue); at++ {
		h := w.queue[at]
		if !h.done && now.Sub(h.begun) < longestHold {
			break
		}
		h.of.view.pending--
		delete(w.open, h.call)
		if h.done && !h.dropped {
			w.put(h)
		}
	}
	w.queue = append([]*change(nil), w.queue[at:]...)
}

func (w *watcher) put(h *change) {
	before := w.viewOf(h.of)
	userBefore := before.userID
	h.of.view.userID, h.of.view.bytes = userIDOf(h.bytes), h.bytes
	if h.kind == kindConnected || h.kind == kindClosed {
		userBefore = ""
	}
	event := encodeEvent(h, userBefore)
	for _, f := range w.feeds {
		if len(f.waiting)+len(event) > w.limitBytes {
			f.close()
		}
		f.waiting = appendBytes(f.waiting, 1, event)
		f.count++
	}
}

// viewOf returns the last reported state of a session; at first, its current state.
func (w *watcher) viewOf(e *entry) view {
	if e.view.generation != w.generation {
		bytes, _ := e.encoded(nil)
		e.view = view{generation: w.generation, userID: userIDOf(bytes), bytes: bytes, pending: e.view.pending}
	}
	return e.view
}

type letter struct {
	inbox string
	page  []byte
}

func (w *watcher) take() (letters []letter) {
	for _, f := range w.feeds {
		f.close()
		for _, page := range f.ready {
			letters = append(letters, letter{f.inbox, page})
		}
		f.ready = nil
	}
	return letters
}

// post publishes pages. A page that can't be published is lost, and watchers notice the gap in the numbers.
func (w *watcher) post(letters []letter) {
	for _, one := range letters {
		_ = w.publish(one.inbox, one.page)
	}
}
