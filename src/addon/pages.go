package gatectladdon

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxPageRows is the most that a page has, whatever a caller asks for. The protocol would allow ten times as many, but a page is
// on the connection that the requests of clients are on, and they wait behind it.
const maxPageRows = 200

// pages are answers to GatectlList and GatectlFind: SessionPage of docs/protocol.md.
type pages struct {
	table      *table
	limitBytes int
	life       string // part of each cursor, so that one of an earlier run of the gate is refused
}

// list is one page of all sessions, in the order in which they came.
func (p pages) list(after string, limit int) ([]byte, error) {
	last, err := p.position(after)
	if err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxPageRows {
		limit = maxPageRows
	}
	page := make([]byte, 0, 64*1024)
	entries := p.table.after(last, limit)
	var work effort
	for at, e := range entries {
		work.pause(at)
		row := p.row(e)
		if at > 0 && len(page)+len(row) > p.limitBytes {
			return p.finish(page, last), nil
		}
		page = appendBytes(page, 1, row)
		last = e.sequence
	}
	if len(entries) == limit {
		return p.finish(page, last), nil
	}
	return p.finish(page, 0), nil
}

// find is all sessions of a user on this gate. It looks at each session itself rather than at an index, because code of the
// gate may set a user id without telling anybody.
func (p pages) find(userID string) ([]byte, error) {
	var page []byte
	var work effort
	looks := 0
	p.table.each(func(e *entry) {
		work.pause(looks)
		looks++
		bytes, fault := e.encoded()
		user := userIDOf(bytes)
		p.table.noteUser(e, user != "")
		if user == userID {
			page = appendBytes(page, 1, p.rowOf(e, bytes, fault))
		}
	})
	if len(page) > p.limitBytes {
		return nil, fmt.Errorf("the sessions of uid %q do not fit into one page", userID)
	}
	return p.finish(page, 0), nil
}

func (p pages) row(e *entry) []byte {
	bytes, fault := e.encoded()
	p.table.noteUser(e, userIDOf(bytes) != "")
	return p.rowOf(e, bytes, fault)
}

// rowOf shows a session that no page could hold by its names only.
func (p pages) rowOf(e *entry, bytes []byte, fault string) []byte {
	if len(bytes) > p.limitBytes-1024 {
		fault = fmt.Sprintf("%d bytes are more than fits into a page", len(bytes))
		bytes = appendText(appendText(nil, fieldSessionID, e.id), fieldServerID, e.session.GetServerId())
	}
	of := e.numbers()
	row := appendBytes(make([]byte, 0, len(bytes)+64), 1, bytes)
	row = appendNumber(row, 2, of.connectedAt)
	row = appendNumber(row, 4, of.received)
	row = appendNumber(row, 5, of.sent)
	return appendText(row, 6, fault)
}

func (p pages) finish(page []byte, last int64) []byte {
	if last > 0 {
		page = appendText(page, 2, p.life+"-"+strconv.FormatInt(last, 10))
	}
	return appendNumber(page, 3, millis(time.Now()))
}

func (p pages) position(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	dash := strings.IndexByte(cursor, '-')
	if dash >= 0 && cursor[:dash] == p.life {
		if sequence, err := strconv.ParseInt(cursor[dash+1:], 10, 64); err == nil && sequence > 0 {
			return sequence, nil
		}
	}
	if len(cursor) > 40 {
		cursor = cursor[:40]
	}
	return 0, fmt.Errorf("the cursor %q is not of this run of the gate", cursor)
}
