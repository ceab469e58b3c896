package gatectladdon

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	beatSubject = "mqant.discovery.beat"
	// NATS reports a reconnect only to the project's own handler, so the add-on polls.
	lookEvery = 250 * time.Millisecond
	// Peers greet a newcomer after a random delay of up to 2 ms per known peer, so greetings don't burst.
	greetingPerPeer = 2 * time.Millisecond
	longestGreeting = 300 * time.Millisecond
	longestFlush    = time.Second
)

type beat struct {
	node
	Bye bool `json:"bye,omitempty"`
}

// discovery answers the NATS services protocol, so that `gatectl --registry nats://` and `nats micro ls` find the
// gate. It sends a heartbeat every five seconds and remembers its peers: a suspended node can't answer, but is still
// listed by others.
type discovery struct {
	conn      *nats.Conn
	self      node
	functions []string
	replies   *replies
	started   time.Time
	beatEvery time.Duration
	peers     *peers
	subs      []*nats.Subscription
	stop      chan struct{}

	speaking sync.Mutex // guards the metadata of self and the order of messages: "bye" must be the last
	greeting *time.Timer
	twin     string // address of another process with this id
	closed   bool
}

func newDiscovery(conn *nats.Conn, self node, functions []string, replies *replies) *discovery {
	return &discovery{
		conn: conn, self: self, functions: functions, replies: replies, started: time.Now(),
		beatEvery: 5 * time.Second, peers: newPeers(), stop: make(chan struct{}),
	}
}

func (d *discovery) start() error {
	if err := d.subscribeAll(); err != nil {
		d.unsubscribe()
		return err
	}
	d.beat()
	go d.run()
	return nil
}

func (d *discovery) subscribeAll() error {
	if err := d.subscribe(beatSubject, d.hear); err != nil {
		return err
	}
	name, id := d.service()
	for _, verb := range []string{"PING", "INFO", "STATS"} {
		verb := verb
		for _, subject := range []string{"$SRV." + verb, "$SRV." + verb + "." + name, "$SRV." + verb + "." + name + "." + id} {
			if err := d.subscribe(subject, func(question *nats.Msg) { d.answer(verb, question) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *discovery) subscribe(subject string, handle nats.MsgHandler) error {
	sub, err := d.conn.Subscribe(subject, handle)
	if err == nil {
		d.subs = append(d.subs, sub)
	}
	return err
}

func (d *discovery) unsubscribe() {
	for _, sub := range d.subs {
		_ = sub.Unsubscribe()
	}
}

// run sends heartbeats until the gate leaves or the NATS connection closes. After a reconnect it sends one
// immediately, because peers may have expired the gate.
func (d *discovery) run() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	last, reconnects := time.Now(), d.conn.Stats().Reconnects
	for !d.conn.IsClosed() {
		select {
		case <-d.stop:
			return
		case now := <-ticker.C:
			again := d.conn.Stats().Reconnects
			if d.conn.IsConnected() && (again != reconnects || now.Sub(last) >= d.beatEvery) {
				last, reconnects = now, again
				d.beat()
			}
		}
	}
}

// close sends "bye" once and flushes it, because the process may exit immediately afterwards.
func (d *discovery) close() {
	if d.sayBye() {
		_ = d.conn.FlushTimeout(longestFlush)
	}
}

func (d *discovery) sayBye() bool {
	d.speaking.Lock()
	defer d.speaking.Unlock()
	if d.closed {
		return false
	}
	d.closed = true
	close(d.stop)
	if d.greeting != nil {
		d.greeting.Stop()
	}
	d.unsubscribe()
	d.publish(beatSubject, beat{node: d.self, Bye: true})
	return d.conn.IsConnected()
}

func (d *discovery) beat() {
	d.speaking.Lock()
	defer d.speaking.Unlock()
	d.sayHere()
}

// sayHere sends a heartbeat. The caller must hold the lock.
func (d *discovery) sayHere() {
	if !d.closed {
		d.publish(beatSubject, beat{node: d.self})
	}
}

// publish drops messages while disconnected; a heartbeat follows after the reconnect.
func (d *discovery) publish(subject string, value interface{}) {
	if !d.conn.IsConnected() {
		return
	}
	if text, err := json.Marshal(value); err == nil {
		_ = d.conn.Publish(subject, text)
	}
}

func (d *discovery) hear(message *nats.Msg) {
	var word beat
	if json.Unmarshal(message.Data, &word) != nil || !word.isNode() {
		return
	}
	if word.ID == d.self.ID {
		d.hearOwnID(word)
		return
	}
	if word.Bye {
		d.peers.forget(word.ID)
	} else if d.peers.hear(word.node) {
		d.greet()
	}
}

// describe replaces the gate's metadata and announces it.
func (d *discovery) describe(metadata map[string]string) {
	d.speaking.Lock()
	defer d.speaking.Unlock()
	d.self.Metadata = metadata
	d.sayHere()
}

func (d *discovery) selfNow() node {
	d.speaking.Lock()
	defer d.speaking.Unlock()
	return d.self
}

// hearOwnID warns once about each other process that uses this gate's id, because callers reach either of them at
// random.
func (d *discovery) hearOwnID(word beat) {
	if word.Bye || word.Address == d.self.Address {
		return
	}
	d.speaking.Lock()
	known := d.twin == word.Address
	d.twin = word.Address
	d.speaking.Unlock()
	if !known {
		d.replies.warn(fmt.Sprintf("pid %s on %s answers as %s too: give each process its own id",
			quoted(word.Metadata["pid"]), quoted(word.Metadata["hostname"]), d.self.ID))
	}
}

// greet sends an extra heartbeat for new nodes, which know no peers. If this gate is suspended soon, a new node may
// be the only one that can list it. One heartbeat serves all nodes that arrive during the delay.
func (d *discovery) greet() {
	d.speaking.Lock()
	defer d.speaking.Unlock()
	if d.closed || d.greeting != nil {
		return
	}
	within := time.Duration(d.peers.size()) * greetingPerPeer
	if within > longestGreeting {
		within = longestGreeting
	}
	d.greeting = time.AfterFunc(atRandom(within), d.greetNow)
}

func (d *discovery) greetNow() {
	d.speaking.Lock()
	defer d.speaking.Unlock()
	d.greeting = nil
	d.sayHere()
}

// atRandom returns a random duration below the limit. Before Go 1.20 math/rand has the same seed in every process.
func atRandom(within time.Duration) time.Duration {
	if within <= 0 {
		return 0
	}
	chosen, err := rand.Int(rand.Reader, big.NewInt(int64(within)))
	if err != nil {
		return 0
	}
	return time.Duration(chosen.Int64())
}

func (d *discovery) service() (name, id string) {
	parts := strings.SplitN(d.self.ID, "@", 2)
	return "mqant-" + parts[0], parts[len(parts)-1]
}

var semantic = regexp.MustCompile(`^\d+\.\d+\.\d+`)

func (d *discovery) answer(verb string, question *nats.Msg) {
	if question.Reply == "" || !d.replies.allows(question.Reply, "$SRV."+verb) {
		return
	}
	name, id := d.service()
	version := d.self.Version
	if !semantic.MatchString(version) {
		version = "0.0.0"
	}
	self, _ := json.Marshal(d.selfNow())
	others, _ := json.Marshal(following(d.peers.nodes(), d.self.ID))
	about := map[string]interface{}{
		"type":     fmt.Sprintf("io.nats.micro.v1.%s_response", strings.ToLower(verb)),
		"name":     name,
		"id":       id,
		"version":  version,
		"metadata": map[string]string{"node": string(self), "peers": string(others)},
	}
	switch verb {
	case "INFO":
		about["description"] = fmt.Sprintf("mqant %s node %s", strings.TrimPrefix(name, "mqant-"), d.self.ID)
		about["endpoints"] = d.endpoints(map[string]interface{}{"metadata": map[string]string{}})
	case "STATS":
		about["started"] = d.started.UTC().Format(time.RFC3339Nano)
		about["endpoints"] = d.endpoints(map[string]interface{}{
			"num_requests": 0, "num_errors": 0, "last_error": "", "processing_time": 0, "average_processing_time": 0,
		})
	}
	d.publish(question.Reply, about)
}

func (d *discovery) endpoints(more map[string]interface{}) []map[string]interface{} {
	endpoints := []map[string]interface{}{}
	for _, fn := range d.functions {
		one := map[string]interface{}{"name": fn, "subject": d.self.Address, "queue_group": ""}
		for key, value := range more {
			one[key] = value
		}
		endpoints = append(endpoints, one)
	}
	return endpoints
}
