package gatectladdon

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

type logged struct {
	lock  sync.Mutex
	lines []string
}

func (l *logged) warn(line string) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.lines = append(l.lines, line)
}

func TestA1AnswersOnlyInboxes(t *testing.T) {
	var log logged
	r := newReplies(defaultReplyInboxes, log.warn)
	for _, subject := range []string{"_INBOX.a", "_INBOX.a.b", "_INBOX_viewer.x", "_INBOX_admin.x.1"} {
		if !r.allows(subject, "Update") {
			t.Errorf("%q is refused", subject)
		}
	}
	bad := []string{
		"", "_INBOX", "_INBOX.", "_INBOX..a", "_INBOX.*", "_INBOX.>", "_INBOX.a b", "_INBOX.a\r\nPUB x", "_INBOXX.a", "_inbox.a",
		"$KV.sess.u42", "$JS.API.STREAM.PURGE.KV_sess", "mqant.gate.Gate.a", "mqant.discovery.beat", " _INBOX.a", "_INBOX.\u202e",
		"_INBOX." + strings.Repeat("a", 255),
	}
	for _, subject := range bad {
		if r.allows(subject, "Update\x1b[2J") {
			t.Errorf("%q is answered", subject)
		}
	}
	if r.refused() != int64(len(bad)) || len(log.lines) != 1 || strings.ContainsAny(log.lines[0], "\x1b\r\n") {
		t.Errorf("%d refusals, logged %q", r.refused(), log.lines)
	}
	r.loggedAt = time.Now().Add(-logRefusalsEvery)
	r.allows("$KV.a", "Update")
	if last := log.lines[len(log.lines)-1]; !strings.Contains(last, "16 more") {
		t.Error(last)
	}
}

func TestA1IgnoresInvalidPrefixes(t *testing.T) {
	var log logged
	r := newReplies([]string{"", "$KV", "mqant", "mqant.gate", "a.>", "_OPERATOR"}, log.warn)
	if len(log.lines) != 5 || !r.allows("_OPERATOR.1", "") || r.allows("_INBOX.1", "") || r.allows("$KV.sess.u1", "") {
		t.Error(log.lines, r.prefixes)
	}
}

// aCall encodes mqant's envelope.
func aCall(fn string, replies bool, subjects ...string) []byte {
	call := appendText(nil, fieldFn, fn)
	for _, subject := range subjects {
		call = appendText(call, fieldReplyTo, subject)
	}
	if replies {
		call = appendNumber(call, fieldReply, 1)
	}
	return call
}

func TestA1ServesCallsWithAllowedOrNoReply(t *testing.T) {
	r := newReplies(defaultReplyInboxes, func(string) {})
	may := map[string][]byte{
		"an inbox": aCall("Update", true, "_INBOX.a"), "no reply": aCall("Send", false), "no reply, any subject": aCall("Send", false, "$KV.a"),
	}
	for what, call := range may {
		if !r.mayServe(call) {
			t.Errorf("%s is refused", what)
		}
	}
	mayNot := map[string][]byte{
		"a bucket": aCall("Nothing", true, "$KV.a"), "nowhere": aCall("Update", true),
		"two, the last an inbox":  aCall("Update", true, "$KV.a", "_INBOX.a"),
		"two, the first an inbox": aCall("Update", true, "_INBOX.a", "$KV.a"),
		"garbage":                 {0x1b, 0xff},
	}
	for what, call := range mayNot {
		if r.mayServe(call) {
			t.Errorf("%s is served", what)
		}
	}
}

func TestA1RefusesCallsWithOtherReplySubjects(t *testing.T) {
	r := newReplies(defaultReplyInboxes, func(string) {})
	call := aListCall()
	setReply(call)
	if err := r.check("GatectlList", call); err != nil || call.Props["reply_to"] != "_INBOX.caller" {
		t.Error(err, call.Props)
	}
	call.Props["reply_to"] = "$KV.sess.u42"
	err := r.check("GatectlList", call)
	if to := call.Props["reply_to"].(string); err == nil || !strings.HasPrefix(to, "_INBOX.") {
		t.Error(err, to)
	}
	if err := r.check("Send", newCall("Send")); err != nil {
		t.Error("a call without a reply:", err)
	}
}

// The connection drops the messages before any handler receives them.
func TestA1DropsForbiddenCallsOnTheConnection(t *testing.T) {
	address := startNats(t)
	conn, caller := connectTo(t, address), connectTo(t, address)
	r := newReplies(defaultReplyInboxes, func(string) {})
	gate := "_INBOX.gate"
	heard := make(chan *nats.Msg, 10)
	_, _ = conn.ChanSubscribe(gate, heard)
	_ = conn.Flush()
	if !r.guard(conn, gate) {
		return // nats.go before v1.12
	}
	_ = caller.Publish(gate, aCall("Update", true, "$KV.sess.u42"))
	_ = caller.Publish(gate, aCall("Update", true, "_INBOX.a"))
	select {
	case message := <-heard:
		if string(fieldOf(message.Data, fieldReplyTo)) != "_INBOX.a" || r.refused() != 1 {
			t.Errorf("%q, %d refused", message.Data, r.refused())
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the call was lost")
	}
}

func TestC1WarnsOnceAboutAnotherProcess(t *testing.T) {
	address := startNats(t)
	conn, other := connectTo(t, address), connectTo(t, address)
	var log logged
	d := newDiscovery(conn, aNode("Gate@a"), stockFunctions, newReplies(defaultReplyInboxes, log.warn))
	if err := d.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	_ = conn.Flush()
	twin := aNode("Gate@a")
	twin.Address, twin.Metadata = "_INBOX.other", map[string]string{"pid": "7\n", "hostname": "h"}
	o := &observer{t: t, conn: other}
	for range []int{1, 2, 3} {
		o.say(beat{node: twin})
	}
	o.say(beat{node: aNode("Gate@b")})
	until(t, "the other gate to be heard", func() bool { return d.peers.size() == 1 })
	log.lock.Lock()
	defer log.lock.Unlock()
	if len(log.lines) != 1 || !strings.Contains(log.lines[0], `pid "7\n" on "h" answers as Gate@a too`) {
		t.Errorf("%q", log.lines)
	}
}

func TestAnswersNoDiscoveryIntoBuckets(t *testing.T) {
	address := startNats(t)
	conn, asker := connectTo(t, address), connectTo(t, address)
	d := discoveryOn(t, conn, "Gate@a")
	heard := make(chan *nats.Msg, 10)
	_, _ = asker.ChanSubscribe("$KV.>", heard)
	_, _ = asker.ChanSubscribe("_INBOX.>", heard)
	_ = asker.Flush()
	for _, verb := range []string{"PING", "INFO", "STATS", "INFO.mqant-Gate", "STATS.mqant-Gate.a"} {
		_ = asker.PublishRequest("$SRV."+verb, "$KV.sess.u43", nil)
	}
	_ = asker.PublishRequest("$SRV.PING", "_INBOX.a", nil)
	select {
	case message := <-heard:
		if message.Subject != "_INBOX.a" {
			t.Error(message.Subject)
		}
		until(t, "five refusals: each subject has a goroutine of its own", func() bool { return d.replies.refused() == 5 })
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
	}
}
