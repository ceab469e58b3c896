package gatectladdon

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Pages share the NATS connection with clients' requests, which queue behind them. Pages are therefore smaller than
// the protocol allows, and below the size that nats.go and Go's allocator treat as large (32 KiB). A larger session
// has a page of its own.
const (
	maxPageRows  = 200
	maxPageBytes = 24 * 1024
)

// pages builds the replies of GatectlList and GatectlFind: SessionPage of docs/reference/protocol.md.
type pages struct {
	table      *table
	limitBytes int
	life       string // part of each cursor, so that cursors from before a restart are refused
}

// list returns a page of all sessions, in order of connecting. A listing ends with the session that was newest at its
// start; otherwise it might never end on a busy gate.
func (p pages) list(after string, limit int) ([]byte, error) {
	at, err := p.position(after)
	if err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxPageRows {
		limit = maxPageRows
	}
	most := maxPageBytes
	if most > p.limitBytes {
		most = p.limitBytes
	}
	page := takeBuffer()
	use := takeScratch()
	defer use.giveBack()
	use.entries = p.table.appendAfter(use.entries, at.last, limit)
	entries := use.entries
	work := listingPacer()
	for done, e := range entries {
		if e.sequence > at.end {
			return p.finish(page, position{}), nil
		}
		work.pause(done)
		var fault string
		use.session, fault = e.encoded(use.session[:0])
		p.table.noteUser(e, isBound(use.session))
		use.row = p.rowOf(use.row[:0], e, use.session, fault)
		if done > 0 && len(page)+len(use.row) > most {
			return p.finish(page, at), nil
		}
		page = appendBytes(page, 1, use.row)
		at.last = e.sequence
	}
	if len(entries) == limit {
		return p.finish(page, at), nil
	}
	return p.finish(page, position{}), nil
}

// find returns all sessions of a user on this gate. It examines every session, because the gate's own code can set a
// user id unnoticed, which an index would miss.
func (p pages) find(userID string) ([]byte, error) {
	var page []byte
	work := findingPacer()
	looks := 0
	use := takeScratch()
	defer use.giveBack()
	p.table.each(func(e *entry) {
		work.pause(looks)
		looks++
		var fault string
		use.session, fault = e.encoded(use.session[:0])
		p.table.noteUser(e, isBound(use.session))
		if string(fieldOf(use.session, fieldUserID)) == userID {
			use.row = p.rowOf(use.row[:0], e, use.session, fault)
			page = appendBytes(page, 1, use.row)
		}
	})
	if len(page) > p.limitBytes {
		return nil, fmt.Errorf("the sessions of uid %q do not fit into one page", userID)
	}
	return p.finish(page, position{}), nil
}

// rowOf appends a row. A session that is too large for any page is shown with its ids only.
func (p pages) rowOf(to []byte, e *entry, bytes []byte, fault string) []byte {
	if len(bytes) > p.limitBytes-1024 {
		fault = fmt.Sprintf("%d bytes are more than fits into a page", len(bytes))
		bytes = appendText(appendText(nil, fieldSessionID, e.id), fieldServerID, e.session.GetServerId())
	}
	of := e.numbers()
	row := appendBytes(to, 1, bytes)
	row = appendNumber(row, 2, of.connectedAt)
	row = appendNumber(row, 4, of.received)
	row = appendNumber(row, 5, of.sent)
	return appendText(row, 6, fault)
}

// position is the state of a listing: after session `last`, up to `end`.
type position struct{ last, end int64 }

// finish appends the next cursor, unless the listing is complete.
func (p pages) finish(page []byte, at position) []byte {
	if at.last > 0 {
		page = appendText(page, 2, fmt.Sprintf("%s-%d-%d", p.life, at.last, at.end))
	}
	return appendNumber(page, 3, millis(time.Now()))
}

func (p pages) position(cursor string) (position, error) {
	if cursor == "" {
		return position{end: p.table.newest()}, nil
	}
	if parts := strings.Split(cursor, "-"); len(parts) == 3 && parts[0] == p.life {
		last, errLast := strconv.ParseInt(parts[1], 10, 64)
		end, errEnd := strconv.ParseInt(parts[2], 10, 64)
		if errLast == nil && errEnd == nil && last > 0 && end >= last {
			return position{last, end}, nil
		}
	}
	if len(cursor) > 40 {
		cursor = cursor[:40]
	}
	return position{}, fmt.Errorf("invalid cursor %q: not issued by this run of the gate", cursor)
}
