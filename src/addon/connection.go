package gatectladdon

import (
	"errors"
	"reflect"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/network"
)

// connection measures writes to a client. mqant has no queue per client: a write to a client that does not read
// blocks until the client reads or the deadline passes. Times are Unix milliseconds.
type connection struct {
	network.Conn
	lastRead, lastWritten int64 // atomic
	writing, writingSince int64 // atomic; size of the running write in bytes, and its start; 0 if there is none
	deadline              int64 // atomic; 0 if there is none
}

func (c *connection) Read(to []byte) (int, error) {
	count, err := c.Conn.Read(to)
	if count > 0 {
		atomic.StoreInt64(&c.lastRead, millis(time.Now()))
	}
	return count, err
}

// Write is called by one goroutine at a time, because mqant locks its writer.
func (c *connection) Write(bytes []byte) (int, error) {
	atomic.StoreInt64(&c.writing, int64(len(bytes)))
	atomic.StoreInt64(&c.writingSince, millis(time.Now()))
	count, err := c.Conn.Write(bytes)
	atomic.StoreInt64(&c.writingSince, 0)
	if err == nil {
		atomic.StoreInt64(&c.lastWritten, millis(time.Now()))
	}
	return count, err
}

// SetDeadline records the deadline. mqant limits a client's silence by setting it after each packet.
func (c *connection) SetDeadline(at time.Time) error {
	deadline := int64(0)
	if !at.IsZero() {
		deadline = millis(at)
	}
	atomic.StoreInt64(&c.deadline, deadline)
	return c.Conn.SetDeadline(at)
}

// waiting returns the size of the running write and its start; the start is 0 if there is none.
func (c *connection) waiting() (bytes, since int64) {
	since = atomic.LoadInt64(&c.writingSince)
	if since == 0 {
		return 0, 0
	}
	return atomic.LoadInt64(&c.writing), since
}

// encoded returns the message Connection of docs/reference/protocol.md. mqant does not know the number of packets or
// the subscriptions.
func (c *connection) encoded() (message []byte) {
	bytes, since := c.waiting()
	message = appendVarint(appendVarint(message, 1<<3|wireVarint), uint64(bytes)) // zero too, because it is known
	message = appendNumber(message, 3, since)
	message = appendNumber(message, 4, atomic.LoadInt64(&c.lastWritten))
	return appendNumber(message, 5, atomic.LoadInt64(&c.deadline))
}

// connections are the measured connections by agent.
type connections struct{ byAgent sync.Map }

func (c *connections) of(e *entry) *connection {
	found, _ := c.byAgent.Load(e.agent)
	measured, _ := found.(*connection)
	return measured
}

const agentOfMqant = "*basegate.agent"

// measured makes mqant's agent use a measured connection. A project's own agent gets its connection unchanged.
func (c *connections) measured(agent gate.Agent) gate.Agent {
	if agent == nil || reflect.TypeOf(agent).String() != agentOfMqant {
		return agent
	}
	return &measuredAgent{agent, c}
}

type measuredAgent struct {
	gate.Agent
	connections *connections
}

// OnInit leaves WebSocket connections unchanged, because mqant reads the User-Agent from their type.
func (a *measuredAgent) OnInit(of gate.Gate, conn network.Conn) error {
	if _, isTCP := conn.(*network.TCPConn); isTCP {
		own := &connection{Conn: conn}
		a.connections.byAgent.Store(a.Agent, own)
		conn = own
	}
	return a.Agent.OnInit(of, conn)
}

func (a *measuredAgent) OnClose() error {
	defer a.connections.byAgent.Delete(a.Agent)
	return a.Agent.OnClose()
}

const maxConnections = 1000

// connectionPage returns sessions with the state of their connections: the named sessions, or those with a write that
// waits, longest or largest first.
func (a *Addon) connectionPage(query map[string]interface{}) ([]byte, error) {
	var entries []*entry
	names, named := query["sessions"].([]interface{})
	if len(names) > maxConnections {
		return nil, errors.New("invalid \"sessions\" in a call: expected a list of at most 1000 session ids")
	}
	if named {
		for _, name := range names {
			id, _ := name.(string)
			if e := a.table.get(id); e != nil {
				entries = append(entries, e)
			}
		}
	} else {
		entries = a.stuck(int(number(query, "limit")), text(query, "sort") == "oldest")
	}
	var page []byte
	for _, e := range entries {
		session, fault := e.encoded(nil)
		row := a.pages.rowOf(nil, e, session, fault)
		if measured := a.connections.of(e); measured != nil {
			row = appendNumber(row, 3, atomic.LoadInt64(&measured.lastRead))
			row = appendBytes(row, 7, measured.encoded())
		}
		if len(page) > 0 && len(page)+len(row) > a.pages.limitBytes-64 {
			break
		}
		page = appendBytes(page, 1, row)
	}
	page = appendNumber(page, 3, millis(time.Now()))
	if !named {
		page = appendNumber(page, 5, 1)
	}
	return page, nil
}

func (a *Addon) stuck(limit int, byAge bool) []*entry {
	if limit < 1 || limit > maxConnections {
		limit = maxConnections
	}
	type waiting struct {
		of           *entry
		bytes, since int64
	}
	var all []waiting
	a.table.each(func(e *entry) {
		if measured := a.connections.of(e); measured != nil {
			if bytes, since := measured.waiting(); since != 0 {
				all = append(all, waiting{e, bytes, since})
			}
		}
	})
	sort.Slice(all, func(one, other int) bool {
		if !byAge && all[one].bytes != all[other].bytes {
			return all[one].bytes > all[other].bytes
		}
		if all[one].since != all[other].since {
			return all[one].since < all[other].since
		}
		return all[one].of.id < all[other].of.id
	})
	if len(all) > limit {
		all = all[:limit]
	}
	entries := make([]*entry, len(all))
	for at := range all {
		entries[at] = all[at].of
	}
	return entries
}
