package gatectladdon

import (
	"reflect"

	mqrpc "github.com/liangdas/mqant/rpc"
)

// pageAnswers sends the pages of listings in mqant's place, with the same bytes, because it knows when they are on the
// connection and their buffers are free: mqant would make another 24 KiB of garbage of each.
type pageAnswers struct {
	publish func(subject string, bytes []byte) error
	options func() interface{} // of mqant's app
}

// replier is mqant's own, of the versions in which a call is handed to it by its address.
type replier interface {
	Callback(call *mqrpc.CallInfo) error
}

// answersAsKnown says that this is a version of mqant in which nobody has the result between the function and the reply but
// RpcCompleteHandler, and where the reply is made of the result alone: the versions that were looked at.
var answersAsKnown = map[string]bool{"v1.4.14": true, "v1.5.3": true}[mqantVersion()]

const replierOfMqant = "*defaultrpc.NatsServer"

// take is called before the function runs. It leaves a call alone that somebody else answers or looks into.
func (a pageAnswers) take(call *mqrpc.CallInfo) {
	if !answersAsKnown || call.Agent == nil || reflect.TypeOf(call.Agent).String() != replierOfMqant {
		return
	}
	own, can := interface{}(call.Agent).(replier)
	if !can || setIn(a.options(), "RpcCompleteHandler") {
		return
	}
	if ours, can := interface{}(&pageReplier{own, a.publish}).(mqrpc.MQServer); can {
		call.Agent = ours
	}
}

func setIn(options interface{}, name string) bool {
	field := reflect.ValueOf(options).FieldByName(name)
	return field.IsValid() && !field.IsNil()
}

type pageReplier struct {
	replier
	publish func(subject string, bytes []byte) error
}

// Callback replies with a page and takes its bytes out of the result: listeners and handlers that hear of the call afterwards
// see who called, and an empty answer. All but pages goes mqant's way.
func (p *pageReplier) Callback(call *mqrpc.CallInfo) error {
	page := call.Result.GetResult()
	subject, named := call.Props["reply_to"].(string)
	if !named || len(page) == 0 || call.Result.GetError() != "" || call.Result.GetResultType() != typeBytes {
		return p.replier.Callback(call)
	}
	reply := appendReply(takeBuffer(), call.Result.GetCid(), page)
	call.Result.Result = nil
	giveBuffer(page)
	err := p.publish(subject, reply) // which copies
	giveBuffer(reply)
	return err
}

const typeBytes = "bytes" // of mqant's rpc/util

// appendReply is mqant's ResultInfo (rpc/pb/mqant_rpc.proto) with nothing but bytes in it.
func appendReply(to []byte, cid string, bytes []byte) []byte {
	to = appendText(appendText(to, 1, cid), 4, typeBytes)
	return appendBytes(to, 5, bytes)
}
