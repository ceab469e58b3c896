package gatectladdon

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	mqrpc "github.com/liangdas/mqant/rpc"
	defaultrpc "github.com/liangdas/mqant/rpc/base"
	rpcpb "github.com/liangdas/mqant/rpc/pb"
)

// setResult sets a call's result as this mqant version does.
func setResult(call *mqrpc.CallInfo, result *rpcpb.ResultInfo) {
	field := reflect.ValueOf(call).Elem().FieldByName("Result")
	if field.Kind() == reflect.Ptr {
		field.Set(reflect.ValueOf(result))
	} else {
		field.Set(reflect.ValueOf(result).Elem())
	}
}

// replyOfMqant returns the reply that this mqant version sends for a result.
func replyOfMqant(t *testing.T, result *rpcpb.ResultInfo) []byte {
	marshal := reflect.ValueOf(&defaultrpc.NatsServer{}).MethodByName("MarshalResult")
	argument := reflect.ValueOf(result)
	if marshal.Type().In(0).Kind() != reflect.Ptr {
		argument = argument.Elem()
	}
	out := marshal.Call([]reflect.Value{argument})
	if err, failed := out[1].Interface().(error); failed {
		t.Fatal(err)
	}
	return out[0].Bytes()
}

// aListCall returns a call as mqant delivers it.
func aListCall() *mqrpc.CallInfo {
	call := newCall("GatectlList")
	call.Props = map[string]interface{}{"reply_to": "_INBOX.caller"}
	call.Agent, _ = interface{}(&defaultrpc.NatsServer{}).(mqrpc.MQServer)
	return call
}

type withHook struct{ RpcCompleteHandler func() }

func answersTo(publish func(subject string, reply []byte) error, options interface{}) pageAnswers {
	return pageAnswers{publish: publish, options: func() interface{} { return options }}
}

func TestSendsPagesLikeMqant(t *testing.T) {
	var subjects []string
	var replies [][]byte
	answers := answersTo(func(subject string, reply []byte) error {
		subjects, replies = append(subjects, subject), append(replies, append([]byte{}, reply...))
		return errors.New("from NATS")
	}, withHook{})
	page := append(takeBuffer(), "a page"...)
	result := rpcpb.NewResultInfo("cid 1", "", "bytes", page)
	expected := replyOfMqant(t, result)

	call := aListCall()
	answers.take(call)
	ours, taken := interface{}(call.Agent).(*pageReplier)
	if _, can := interface{}(&defaultrpc.NatsServer{}).(replier); !can {
		if taken {
			t.Error("a call of a version of mqant in which it cannot be answered")
		}
		return
	}
	if !taken {
		t.Fatalf("%T answers", call.Agent)
	}
	setResult(call, result)
	if err := ours.Callback(call); err == nil || err.Error() != "from NATS" {
		t.Error(err)
	}
	if len(replies) != 1 || !bytes.Equal(replies[0], expected) || subjects[0] != "_INBOX.caller" {
		t.Errorf("%q %q\n%q", subjects, replies, expected)
	}
	if left := call.Result.GetResult(); left != nil {
		t.Errorf("%q is there for others, and may be another page by then", left)
	}
}

// other is a component that already replaced mqant's replier.
type other struct{ asked int }

func (o *other) Callback(*mqrpc.CallInfo) error {
	o.asked++
	return nil
}

func TestLeavesOtherResultsToMqant(t *testing.T) {
	for at, result := range []*rpcpb.ResultInfo{
		rpcpb.NewResultInfo("cid", "the cursor is old", "bytes", nil),
		rpcpb.NewResultInfo("cid", "panic", "null", nil),
		rpcpb.NewResultInfo("cid", "", "json", []byte("{}")),
		rpcpb.NewResultInfo("cid", "", "bytes", []byte{}),
	} {
		mqants := &other{}
		ours := &pageReplier{mqants, func(string, []byte) error { t.Error("published"); return nil }}
		call := aListCall()
		setResult(call, result)
		if err := ours.Callback(call); err != nil || mqants.asked != 1 || !bytes.Equal(call.Result.GetResult(), result.Result) {
			t.Error(at, err, mqants.asked)
		}
	}
}

func TestIgnoresCallsThatOthersInspect(t *testing.T) {
	call := aListCall()
	before := call.Agent
	answersTo(nil, withHook{func() {}}).take(call)
	if call.Agent != before {
		t.Errorf("%T answers although the app has a RpcCompleteHandler", call.Agent)
	}
	foreign, can := interface{}(&other{}).(mqrpc.MQServer)
	if call.Agent = foreign; can {
		answersTo(nil, withHook{}).take(call)
		if call.Agent != foreign {
			t.Errorf("%T answers in the place of somebody else", call.Agent)
		}
	}
	call.Agent = nil
	answersTo(nil, withHook{}).take(call)
}

// Run under the race detector: a reader that still used a recycled buffer would see another page.
func TestKeepsPagesOfConcurrentListingsApart(t *testing.T) {
	g := newGate(t, nil)
	const sessions = 600
	for at := 0; at < sessions; at++ {
		g.join(fmt.Sprintf("s%03d", at), map[string]string{"room": "zion", "name": "老王"})
	}
	until(t, "all sessions", func() bool { count, _ := g.table.counts(); return count == sessions })
	var listing sync.WaitGroup
	for lister := 0; lister < 6; lister++ {
		listing.Add(1)
		go func() {
			defer listing.Done()
			for again := 0; again < 3; again++ {
				listedThroughReplies(t, g, sessions)
			}
		}()
	}
	listing.Wait()
}

func listedThroughReplies(t *testing.T, g *aGate, expected int) {
	seen := map[string]bool{}
	for after := ""; ; {
		page, err := g.Addon.pages.list(after, 0)
		if err != nil {
			t.Error(err)
			return
		}
		var sent []byte
		ours := &pageReplier{&other{}, func(_ string, reply []byte) error {
			sent = append(sent, fieldOf(reply, 5)...)
			return nil
		}}
		call := aListCall()
		setResult(call, rpcpb.NewResultInfo("cid", "", "bytes", page))
		if err := ours.Callback(call); err != nil {
			t.Error(err)
		}
		rows, next := rowsOf(t, sent)
		for _, row := range rows {
			if seen[row.id] || row.settings["name"] != "老王" || row.fault != "" {
				t.Errorf("%+v", row)
			}
			seen[row.id] = true
		}
		if after = next; after == "" {
			break
		}
	}
	if len(seen) != expected {
		t.Errorf("%d sessions", len(seen))
	}
}
