package gatectladdon

import (
	"strings"
	"time"
)

// Event kinds, as numbered on the wire.
const (
	kindConnected = 1 + iota
	kindClosed
	kindBound
	kindUnbound
	kindSettings
)

// change is a pending event. Its order is fixed when the change begins, because a caller may start its next write as
// soon as it has the reply, before mqant reports that the first one is complete.
type change struct {
	call    interface{} // identifies a running write
	kind    int64
	of      *entry
	begun   time.Time
	done    bool
	dropped bool
	at      int64
	bytes   []byte
	keys    []string
	why     string
	numbers numbers
}

type feed struct {
	inbox     string
	id        int64
	expiresAt time.Time
	next      int64 // number of the first pending event
	waiting   []byte
	count     int64
	ready     [][]byte // pages to publish
}

func encodeEvent(h *change, userBefore string) []byte {
	event := appendNumber(make([]byte, 0, len(h.bytes)+64), 1, h.kind)
	event = appendNumber(event, 2, h.at)
	event = appendBytes(event, 3, h.bytes)
	event = appendText(event, 4, userBefore)
	for _, key := range h.keys {
		event = appendBytes(event, 5, []byte(strings.ToValidUTF8(key, "\uFFFD")))
	}
	event = appendText(event, 6, h.why)
	event = appendNumber(event, 7, h.numbers.connectedAt)
	event = appendNumber(event, 9, h.numbers.received)
	return appendNumber(event, 10, h.numbers.sent)
}

// close turns the pending events into a page.
func (f *feed) close() {
	if f.count == 0 {
		return
	}
	f.ready = append(f.ready, appendNumber(appendNumber(f.waiting, 3, f.next), 4, f.id))
	f.next += f.count
	f.waiting, f.count = nil, 0
}
