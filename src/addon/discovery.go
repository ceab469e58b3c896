package gatectladdon

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	beatSubject = "mqant.discovery.beat"
	beatEvery   = 5 * time.Second
	peerTTL     = 20 * time.Second // mqant's RegisterTTL: a node that was silent for so long is gone
)

// node is the record of a node of the cluster.
type node struct {
	ID       string            `json:"id"`
	Address  string            `json:"address"`
	Version  string            `json:"version"`
	Metadata map[string]string `json:"metadata"`
}

type beat struct {
	node
	Bye bool `json:"bye,omitempty"`
}

type heard struct {
	node node
	at   time.Time
}

// discovery answers the NATS services protocol, so that `gatectl --registry nats://` and `nats micro ls` see the gate, beats
// every five seconds, and remembers its peers: one that is stopped cannot answer for itself, but is still named by the others.
type discovery struct {
	conn      *nats.Conn
	self      node
	functions []string
	started   time.Time

	lock  sync.Mutex
	peers map[string]heard
	subs  []*nats.Subscription
	stop  chan struct{}
}

func startDiscovery(conn *nats.Conn, self node, functions []string) (*discovery, error) {
	d := &discovery{
		conn: conn, self: self, functions: functions, started: time.Now(),
		peers: map[string]heard{}, stop: make(chan struct{}),
	}
	name, id := d.service()
	for _, verb := range []string{"PING", "INFO", "STATS"} {
		verb := verb
		for _, subject := range []string{"$SRV." + verb, "$SRV." + verb + "." + name, "$SRV." + verb + "." + name + "." + id} {
			if err := d.subscribe(subject, func(question *nats.Msg) { d.answer(verb, question) }); err != nil {
				return nil, err
			}
		}
	}
	if err := d.subscribe(beatSubject, d.hear); err != nil {
		return nil, err
	}
	d.say(beat{node: d.self})
	go d.run()
	return d, nil
}

func (d *discovery) subscribe(subject string, handle nats.MsgHandler) error {
	sub, err := d.conn.Subscribe(subject, handle)
	if err == nil {
		d.subs = append(d.subs, sub)
	}
	return err
}

// run beats until the gate says goodbye, or the connection to NATS is closed for good.
func (d *discovery) run() {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-ticker.C:
			if d.conn.IsClosed() {
				return
			}
			d.say(beat{node: d.self})
		}
	}
}

func (d *discovery) close() {
	close(d.stop)
	for _, sub := range d.subs {
		_ = sub.Unsubscribe()
	}
	d.say(beat{node: d.self, Bye: true})
}

func (d *discovery) say(word beat) {
	if d.conn.IsConnected() {
		d.publish(beatSubject, word)
	}
}

func (d *discovery) publish(subject string, value interface{}) {
	if text, err := json.Marshal(value); err == nil {
		_ = d.conn.Publish(subject, text)
	}
}

func (d *discovery) hear(message *nats.Msg) {
	var word beat
	if json.Unmarshal(message.Data, &word) != nil || !strings.Contains(word.ID, "@") || word.ID == d.self.ID {
		return
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	if word.Bye {
		delete(d.peers, word.ID)
	} else if _, known := d.peers[word.ID]; known || len(d.peers) < 10000 {
		d.peers[word.ID] = heard{word.node, time.Now()}
	}
}

func (d *discovery) others() []node {
	d.lock.Lock()
	defer d.lock.Unlock()
	nodes := []node{}
	for id, peer := range d.peers {
		if time.Since(peer.at) > peerTTL {
			delete(d.peers, id)
		} else {
			nodes = append(nodes, peer.node)
		}
	}
	return nodes
}

func (d *discovery) service() (name, id string) {
	parts := strings.SplitN(d.self.ID, "@", 2)
	return "mqant-" + parts[0], parts[len(parts)-1]
}

var semantic = regexp.MustCompile(`^\d+\.\d+\.\d+`)

func (d *discovery) answer(verb string, question *nats.Msg) {
	if question.Reply == "" {
		return
	}
	name, id := d.service()
	version := d.self.Version
	if !semantic.MatchString(version) {
		version = "0.0.0"
	}
	self, _ := json.Marshal(d.self)
	others, _ := json.Marshal(d.others())
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
