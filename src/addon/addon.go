// Package gatectladdon lets operators list and watch the sessions of a mqant gate.
//
// A stock mqant gate can look up a session by its id, and nothing else. With one line at the end of the gate's OnInit
// it lists its sessions, finds those of a user, sends events as they happen, and gives access to its storage handler:
//
//	func (this *Gate) OnInit(app module.App, settings *conf.ModuleSettings) {
//		this.Gate.OnInit(this, app, settings, …)
//		gatectladdon.Attach(&this.Gate)
//	}
//
// The functions are those of docs/reference/protocol.md, version 1. It works with mqant v1.2.0 to v1.5.3.
package gatectladdon

import (
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/log"
	mqrpc "github.com/liangdas/mqant/rpc"
)

const protocolVersion = 1

var stockFunctions = []string{
	"Update", "Bind", "UnBind", "Push", "Set", "Remove", "Send", "SendBatch", "BroadCast", "IsConnect", "Close",
}

var ownFunctions = []string{
	"GatectlInfo", "GatectlList", "GatectlFind", "GatectlConnections", "GatectlCount", "GatectlStats", "GatectlWatch", "GatectlDrain",
	"GatectlEdit", "GatectlRecordGet", "GatectlRecordPut", "GatectlRecordDelete", "GatectlRecordList",
}

// Option configures Attach.
type Option func(*options)

type options struct {
	listener    mqrpc.RPCListener
	noDiscovery bool
	inboxes     []string
}

// Listener passes the gate's own RPC listener to the add-on. It is for gates that call GetServer().SetListener
// directly, which would replace the add-on's listener. Gates that call their own SetListener, as in mqant's
// documentation, don't need it.
func Listener(listener mqrpc.RPCListener) Option {
	return func(o *options) { o.listener = listener }
}

// NoDiscovery stops the gate from answering `$SRV.INFO` on NATS. It is still found through etcd and consul.
func NoDiscovery() Option {
	return func(o *options) { o.noDiscovery = true }
}

// ReplyInboxes replaces the prefixes of allowed reply inboxes. By default these are "_INBOX", which other nodes use,
// and the prefixes of the roles that `gatectl doctor --permissions` prints ("_INBOX_viewer" …).
func ReplyInboxes(prefixes ...string) Option {
	return func(o *options) { o.inboxes = prefixes }
}

// host is the gate, as far as the add-on needs it.
type host struct {
	nodeID     string
	agent      func(id string) (gate.Agent, error)
	storage    func() gate.StorageHandler
	newSession func(data []byte) (gate.Session, error)
	publish    func(subject string, bytes []byte) error
	maxPayload int64
	replies    *replies
}

// Addon is the running add-on, as returned by Attach.
type Addon struct {
	host      host
	started   time.Time
	table     *table
	pages     pages
	records   *records
	watcher   *watcher
	edits     *edits
	discovery *discovery
	drain     *drain
	// of clients on TCP whose agent is mqant's
	connections *connections
}

func newAddon(of host) *Addon {
	limit := int(of.maxPayload / 2)
	sessions, started := newTable(), time.Now()
	a := &Addon{
		host: of, started: started, table: sessions,
		pages:       pages{sessions, limit, strconv.FormatInt(millis(started), 36)},
		records:     &records{handler: of.storage, newSession: of.newSession, limitBytes: limit},
		watcher:     newWatcher(sessions, limit, of.publish, of.replies),
		drain:       &drain{announce: func(map[string]string) {}},
		connections: &connections{},
	}
	a.edits = &edits{addon: a}
	return a
}

// Attach must be the last call in the gate's OnInit: after mqant's OnInit, SetSessionLearner and SetStorageHandler. It
// registers the functions of the add-on, wraps the gate's session learner and listener, which still receive every call,
// and makes the gate discoverable on NATS.
func Attach(gt *basegate.Gate, opts ...Option) *Addon {
	chosen := options{inboxes: defaultReplyInboxes}
	for _, option := range opts {
		option(&chosen)
	}
	if chosen.listener == nil {
		chosen.listener = &gt.BaseModule
	}
	conn := gt.GetApp().Transport()
	replies := newReplies(chosen.inboxes, func(line string) { log.Warning("gatectl add-on: %s", line) })
	if !replies.guard(conn, gt.GetServer().Options().Address) {
		log.Warning("gatectl add-on: this version of nats.go lets mqant answer unknown functions and wrong arguments on any subject; " +
			"require github.com/nats-io/nats.go v1.12 or later")
	}
	a := newAddon(host{
		nodeID:     gt.GetServerId(),
		agent:      func(id string) (gate.Agent, error) { return gt.GetGateHandler().GetAgent(id) },
		storage:    gt.GetStorageHandler,
		newSession: gt.NewSession,
		publish:    conn.Publish,
		maxPayload: conn.MaxPayload(),
		replies:    replies,
	})
	_ = gt.SetSessionLearner(learner{a, gt.GetSessionLearner()})
	answers := pageAnswers{publish: conn.Publish, options: func() interface{} { return gt.GetApp().Options() }}
	gt.GetServer().SetListener(&listener{next: chosen.listener, checks: replies.check, lists: answers.take, writes: a.writes, ended: a.ended})
	for name, function := range a.functions() {
		gt.GetServer().RegisterGO(name, function)
	}
	if !chosen.noDiscovery {
		self := node{
			ID: a.host.nodeID, Address: gt.GetServer().Options().Address, Version: gt.GetServer().Options().Version,
			Metadata: copyOf(gt.GetServer().Options().Metadata),
		}
		functions := append(append([]string{}, stockFunctions...), ownFunctions...)
		a.discovery = newDiscovery(conn, self, functions, replies)
		if err := a.discovery.start(); err != nil {
			log.Warning("gatectl add-on: the gate cannot be discovered on NATS: %v", err)
			a.discovery = nil
		}
	}
	a.drain.announce = announcer(gt.GetServer(), a.discovery)
	if !a.drain.guardAgents(gt, a.connections.measured) {
		log.Warning("gatectl add-on: this version of mqant accepts connections during a drain; they are closed again")
	}
	return a
}

// Close announces on NATS that the gate is leaving. Call it in the gate's OnDestroy if nodes come and go often;
// otherwise other nodes list the gate for another twenty seconds.
func (a *Addon) Close() {
	if a.discovery != nil {
		a.discovery.close()
	}
}

func copyOf(metadata map[string]string) map[string]string {
	copied := make(map[string]string, len(metadata))
	for key, value := range metadata {
		copied[key] = value
	}
	return copied
}

// functions returns the handlers by function name.
func (a *Addon) functions() map[string]interface{} {
	return map[string]interface{}{
		"GatectlInfo": func(log.TraceSpan) (map[string]interface{}, error) { return a.info(), nil },
		"GatectlList": func(_ log.TraceSpan, query map[string]interface{}) ([]byte, error) {
			return a.pages.list(text(query, "after"), int(number(query, "limit")))
		},
		"GatectlFind": func(_ log.TraceSpan, query map[string]interface{}) ([]byte, error) {
			return a.pages.find(text(query, "uid"))
		},
		"GatectlConnections": func(_ log.TraceSpan, query map[string]interface{}) ([]byte, error) {
			return a.connectionPage(query)
		},
		"GatectlCount": func(log.TraceSpan, map[string]interface{}) (map[string]interface{}, error) {
			sessions, bound := a.table.counts()
			return map[string]interface{}{"sessions": sessions, "bound": bound}, nil
		},
		"GatectlStats": func(log.TraceSpan) (map[string]interface{}, error) { return a.stats(), nil },
		"GatectlWatch": func(_ log.TraceSpan, query map[string]interface{}) (map[string]interface{}, error) {
			given, err := a.watcher.watch(text(query, "inbox"), time.Duration(number(query, "leaseMs"))*time.Millisecond)
			if err != nil {
				return nil, err
			}
			return map[string]interface{}{
				"feed": given.feed, "next": given.next, "leaseMs": int64(given.granted / time.Millisecond),
				"now": millis(time.Now()),
			}, nil
		},
		"GatectlDrain": func(_ log.TraceSpan, query map[string]interface{}) (map[string]interface{}, error) {
			active, ok := query["draining"].(bool)
			if !ok {
				return nil, errDraining
			}
			a.drain.set(active)
			sessions, _ := a.table.counts()
			return map[string]interface{}{"state": a.drain.state(), "sessions": sessions}, nil
		},
		"GatectlEdit": func(_ log.TraceSpan, query map[string]interface{}) (gate.Session, error) {
			return a.edits.run(query)
		},
		"GatectlRecordGet": func(_ log.TraceSpan, query map[string]interface{}) ([]byte, error) {
			return a.records.get(text(query, "uid"))
		},
		"GatectlRecordPut": func(_ log.TraceSpan, query map[string]interface{}, session []byte) (map[string]interface{}, error) {
			if number(query, "ttlMs") > 0 {
				return nil, errNoExpiry
			}
			revision, err := a.records.put(text(query, "uid"), revisionIn(query), session)
			if err != nil {
				return nil, err
			}
			return map[string]interface{}{"revision": revision}, nil
		},
		"GatectlRecordDelete": func(_ log.TraceSpan, query map[string]interface{}) (map[string]interface{}, error) {
			deleted, err := a.records.delete(text(query, "uid"), revisionIn(query))
			if err != nil {
				return nil, err
			}
			return map[string]interface{}{"deleted": deleted}, nil
		},
		"GatectlRecordList": func(_ log.TraceSpan, query map[string]interface{}) ([]byte, error) {
			return a.records.list(text(query, "after"), int(number(query, "limit")))
		},
	}
}

func (a *Addon) info() map[string]interface{} {
	sessions, bound := a.table.counts()
	hostname, _ := os.Hostname()
	return map[string]interface{}{
		"protocol": protocolVersion, "software": "mqant", "softwareVersion": mqantVersion(),
		"nodeId": a.host.nodeID, "host": hostname, "pid": os.Getpid(),
		"startedAt": millis(a.started), "now": millis(time.Now()),
		"sessions": sessions, "bound": bound,
		"functions":      append(append([]string{}, stockFunctions...), ownFunctions...),
		"storage":        a.records.ability(),
		"pageLimitBytes": a.pages.limitBytes,
		"state":          a.drain.state(),
		"health":         health(),
	}
}

// stats returns totals since the gate started, of open and closed connections.
func (a *Addon) stats() map[string]interface{} {
	received := atomic.LoadInt64(&a.table.closedReceived)
	sent := atomic.LoadInt64(&a.table.closedSent)
	a.table.each(func(e *entry) {
		of := e.numbers()
		received, sent = received+of.received, sent+of.sent
	})
	sessions, bound := a.table.counts()
	return map[string]interface{}{
		"now": millis(time.Now()), "startedAt": millis(a.started),
		"sessions": sessions, "bound": bound,
		"connects":    atomic.LoadInt64(&a.table.connects),
		"disconnects": atomic.LoadInt64(&a.table.disconnects),
		"received":    received, "sent": sent, "dirty": 0, "refusedReplies": a.host.replies.refused(),
		"state": a.drain.state(), "health": health(),
	}
}

// mqantVersion returns the mqant version that the program was built with, from its build information.
func mqantVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == "github.com/liangdas/mqant" {
				return dependency.Version
			}
		}
	}
	return ""
}

func text(query map[string]interface{}, key string) string {
	value, _ := query[key].(string)
	return value
}

func number(query map[string]interface{}, key string) float64 {
	value, _ := query[key].(float64)
	return value
}

// revisionIn distinguishes an empty revision, which requires that no record exists, from a missing one.
func revisionIn(query map[string]interface{}) *string {
	if value, named := query["revision"].(string); named {
		return &value
	}
	return nil
}
