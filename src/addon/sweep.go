package gatectladdon

import "time"

// sweepAtOnce sessions are compared with what was told of them at each tick, as long as somebody watches: 5,000 a second.
const sweepAtOnce = 500

// sweep finds what nobody said: code inside the gate that sets a user id or a setting of a session itself, where every
// other change comes as a call.
func (w *watcher) sweep() {
	w.lock.Lock()
	last := w.swept
	w.lock.Unlock()
	entries := w.table.after(last, sweepAtOnce)
	for _, e := range entries {
		w.compare(e)
		last = e.sequence
	}
	if len(entries) < sweepAtOnce {
		last = 0
	}
	w.lock.Lock()
	w.swept = last
	w.lock.Unlock()
}

// compare leaves a session alone that is being written to: that will be told by itself.
func (w *watcher) compare(e *entry) {
	bytes, _ := e.encoded(nil)
	w.lock.Lock()
	defer w.lock.Unlock()
	before := w.viewOf(e)
	if before.pending > 0 {
		return
	}
	// read again: between the first look and the lock a write may have come and gone
	if keys := changedKeys(before.bytes, bytes); userIDOf(bytes) == before.userID && len(keys) == 0 {
		return
	}
	bytes, _ = e.encoded(nil)
	user := userIDOf(bytes)
	w.table.setBound(e, user != "")
	if user != before.userID {
		kind := int64(kindBound)
		if user == "" {
			kind = kindUnbound
		}
		w.found(kind, e, bytes, nil)
	}
	if keys := changedKeys(before.bytes, bytes); len(keys) > 0 {
		w.found(kindSettings, e, bytes, keys)
	}
}

func (w *watcher) found(kind int64, e *entry, bytes []byte, keys []string) {
	now := time.Now()
	w.enqueue(&happening{
		kind: kind, of: e, begun: now, done: true, at: millis(now), bytes: bytes, keys: keys, numbers: e.numbers(),
	})
}
