package gatectladdon

import "time"

// pollAtOnce is the number of sessions compared with their last reported state per tick while there are watchers:
// 5,000 a second.
const pollAtOnce = 500

// poll finds changes that no hook reports: code inside the gate that sets a user id or setting directly. All other
// changes arrive as calls.
func (w *watcher) poll() {
	w.lock.Lock()
	last := w.polled
	w.lock.Unlock()
	entries := w.table.after(last, pollAtOnce)
	for _, e := range entries {
		w.compare(e)
		last = e.sequence
	}
	if len(entries) < pollAtOnce {
		last = 0
	}
	w.lock.Lock()
	w.polled = last
	w.lock.Unlock()
}

// compare checks a session for changes. It skips a session with a running write, whose event follows.
func (w *watcher) compare(e *entry) {
	bytes, _ := e.encoded(nil)
	w.lock.Lock()
	defer w.lock.Unlock()
	before := w.viewOf(e)
	if before.pending > 0 {
		return
	}
	// compare again under the lock: a write may have completed in between
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
	w.enqueue(&change{
		kind: kind, of: e, begun: now, done: true, at: millis(now), bytes: bytes, keys: keys, numbers: e.numbers(),
	})
}
