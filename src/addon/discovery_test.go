package gatectladdon

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func aNode(id string) node {
	return node{ID: id, Address: "inbox." + id, Version: "1.0.0", Metadata: map[string]string{}}
}

// discoveryOn starts a discovery that sends one heartbeat; further messages are reactions.
func discoveryOn(t *testing.T, conn *nats.Conn, id string) *discovery {
	t.Helper()
	d := newDiscovery(conn, aNode(id), stockFunctions, newReplies(defaultReplyInboxes, func(string) {}))
	d.beatEvery = time.Hour
	err := d.start()
	if err == nil {
		err = conn.Flush() // its subscriptions are active
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return d
}

// observer records all heartbeats, and sends those that a test wants.
type observer struct {
	t     *testing.T
	conn  *nats.Conn
	lock  sync.Mutex
	heard []beat
}

func observe(t *testing.T, address string) *observer {
	t.Helper()
	o := &observer{t: t, conn: connectTo(t, address)}
	_, err := o.conn.Subscribe(beatSubject, func(message *nats.Msg) {
		var word beat
		_ = json.Unmarshal(message.Data, &word)
		o.lock.Lock()
		defer o.lock.Unlock()
		o.heard = append(o.heard, word)
	})
	if err == nil {
		err = o.conn.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *observer) say(value interface{}) {
	text, err := json.Marshal(value)
	if err == nil {
		err = o.conn.Publish(beatSubject, text)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// wordsOf returns the messages of a node so far: "here" and "bye".
func (o *observer) wordsOf(id string) (words []string) {
	o.lock.Lock()
	defer o.lock.Unlock()
	for _, word := range o.heard {
		if word.ID == id && word.Bye {
			words = append(words, "bye")
		} else if word.ID == id {
			words = append(words, "here")
		}
	}
	return words
}

func (o *observer) untilBeats(id string, count int) {
	o.t.Helper()
	until(o.t, fmt.Sprintf("%d beats of %s", count, id), func() bool { return len(o.wordsOf(id)) >= count })
}

// namedBy returns the peers in a node's answer, in order.
func (o *observer) namedBy(id string) (ids []string) {
	o.t.Helper()
	answer, err := o.conn.Request("$SRV.PING.mqant-"+strings.Replace(id, "@", ".", 1), nil, 10*time.Second)
	if err != nil {
		o.t.Fatal(err)
	}
	var about struct {
		Metadata map[string]string `json:"metadata"`
	}
	var peers []node
	if err = json.Unmarshal(answer.Data, &about); err == nil {
		err = json.Unmarshal([]byte(about.Metadata["peers"]), &peers)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	ids = []string{}
	for _, peer := range peers {
		ids = append(ids, peer.ID)
	}
	return ids
}

func TestGreetsNewcomersBeforeTheNextHeartbeat(t *testing.T) {
	address := startNats(t)
	o := observe(t, address)
	ids := []string{"Gate@a", "Gate@b", "Gate@c"}
	for _, id := range ids {
		discoveryOn(t, connectTo(t, address), id)
	}
	named := map[string]string{"Gate@a": "Gate@b Gate@c", "Gate@b": "Gate@c Gate@a", "Gate@c": "Gate@a Gate@b"}
	for id, all := range named {
		until(t, id+" to name the others", func() bool { return strings.Join(o.namedBy(id), " ") == all })
	}
	for _, id := range ids {
		if beats := len(o.wordsOf(id)); beats > 1+2 {
			t.Errorf("%s beat %d times: once, and at most once for each newcomer", id, beats)
		}
	}
}

func TestGreetsOnNewAddressAndAfterGoodbye(t *testing.T) {
	address := startNats(t)
	o := observe(t, address)
	d := discoveryOn(t, connectTo(t, address), "Gate@a")
	o.untilBeats("Gate@a", 1)

	peer := aNode("Gate@b")
	o.say(peer)
	o.untilBeats("Gate@a", 2)
	o.say(peer)
	peer.Address = "inbox.moved"
	o.say(peer)
	o.untilBeats("Gate@a", 3)
	if nodes := d.peers.nodes(); len(nodes) != 1 || nodes[0].Address != "inbox.moved" {
		t.Error(nodes)
	}
	o.say(beat{node: peer, Bye: true})
	until(t, "the peer to be forgotten", func() bool { return len(o.namedBy("Gate@a")) == 0 })
	if words := o.wordsOf("Gate@a"); len(words) != 3 {
		t.Error(words)
	}
}

func TestHearReportsNewsOfPeers(t *testing.T) {
	p, peer := newPeers(), aNode("Gate@b")
	moved := peer
	moved.Address = "inbox.moved"
	for at, step := range []struct {
		heard node
		news  bool
	}{{peer, true}, {peer, false}, {moved, true}, {moved, false}, {peer, true}} {
		if p.hear(step.heard) != step.news {
			t.Error(at, step)
		}
	}
	p.byID["Gate@b"] = heard{peer, time.Now().Add(-peerTTL - time.Millisecond)}
	if nodes := p.nodes(); len(nodes) != 0 || !p.hear(peer) {
		t.Error(nodes)
	}
}

func TestIgnoresOwnAndInvalidHeartbeats(t *testing.T) {
	address := startNats(t)
	o := observe(t, address)
	d := discoveryOn(t, connectTo(t, address), "Gate@a")
	o.untilBeats("Gate@a", 1)
	_ = o.conn.Publish(beatSubject, []byte(`{"id":`))
	for _, id := range []string{"Gate@a", "Gate", "@b", "Gate@b@c", "Gate@" + strings.Repeat("b", 251)} {
		o.say(aNode(id))
	}
	for _, bad := range []string{"", "inbox.*", "inbox.>", "inbox..b", "inbox b", "inbox.b\r\n", strings.Repeat("b", 256)} {
		o.say(node{ID: "Gate@b", Address: bad})
	}
	o.say(aNode("Gate@z"))
	until(t, "the last one", func() bool { return d.peers.size() > 0 })
	if named := o.namedBy("Gate@a"); !reflect.DeepEqual(named, []string{"Gate@z"}) {
		t.Error(named)
	}
}

func TestBoundsPeersInAnswers(t *testing.T) {
	address := startNats(t)
	o := observe(t, address)
	d := discoveryOn(t, connectTo(t, address), "Gate@g285")
	o.untilBeats("Gate@g285", 1)
	for at := 299; at >= 0; at-- {
		o.say(aNode(fmt.Sprintf("Gate@g%03d", at)))
	}
	until(t, "all peers", func() bool { return d.peers.size() == 299 })
	expected := []string{}
	for at := 286; at < 300; at++ {
		expected = append(expected, fmt.Sprintf("Gate@g%03d", at))
	}
	for at := 0; len(expected) < 32; at++ { // wrapping around at the end
		expected = append(expected, fmt.Sprintf("Gate@g%03d", at))
	}
	if named := o.namedBy("Gate@g285"); !reflect.DeepEqual(named, expected) {
		t.Error(named)
	}
}

func TestSendsGoodbyeLast(t *testing.T) {
	address := startNats(t)
	o := observe(t, address)
	conn := connectTo(t, address)
	d := discoveryOn(t, conn, "Gate@a")
	for at := 0; at < 500; at++ { // so that the greeting is delayed by up to 300 ms
		d.peers.hear(aNode(fmt.Sprintf("Gate@b%d", at)))
	}
	d.greet()
	var closing sync.WaitGroup
	for at := 0; at < 4; at++ {
		closing.Add(1)
		go func() {
			defer closing.Done()
			d.close()
			d.beat()
			d.greet()
			d.greetNow() // a timer that was not stopped in time
		}()
	}
	closing.Wait()
	_ = conn.Publish(beatSubject, []byte(`{"id":"after all that"}`))
	o.untilBeats("after all that", 1)
	words := o.wordsOf("Gate@a")
	for at, word := range words {
		if last := at == len(words)-1; last != (word == "bye") {
			t.Fatal(words)
		}
	}
}

func TestSendsHeartbeatAfterReconnect(t *testing.T) {
	address := startNats(t)
	o := observe(t, address)
	way := startProxy(t, address)
	var told int32
	conn := connectTo(t, way.address, nats.ReconnectHandler(func(*nats.Conn) { atomic.AddInt32(&told, 1) }))
	discoveryOn(t, conn, "Gate@a")
	o.untilBeats("Gate@a", 1)
	for cuts := 1; cuts <= 2; cuts++ {
		way.cut()
		o.untilBeats("Gate@a", 1+cuts)
	}
	until(t, "the project's own handler", func() bool { return atomic.LoadInt32(&told) >= 2 })
	if named := o.namedBy("Gate@a"); len(named) != 0 {
		t.Error(named)
	}
}
