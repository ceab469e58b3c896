package gatectladdon

import (
	"reflect"

	mqrpc "github.com/liangdas/mqant/rpc"
)

// pageAnswers sends the pages of listings instead of mqant, with the same bytes, so that it knows when they are sent
// and their buffers can be reused. mqant would allocate another 24 KiB per page.
type pageAnswers struct {
	publish func(subject string, bytes []byte) error
	options func() interface{} // of mqant's app
}

// replier is mqant's interface, in versions that set it on a call.
type replier interface {
	Callback(call *mqrpc.CallInfo) error
}

// answersAsKnown is true for mqant versions in which this is verified: between the function and the reply, only
// RpcCompleteHandler sees the result, and the reply is built from the result alone.
var answersAsKnown = map[string]bool{"v1.4.14": true, "v1.5.3": true}[mqantVersion()]

const replierOfMqant = "*defaultrpc.NatsServer"

// take is called before the function runs. It ignores calls that another component answers or inspects.
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

// Callback sends a page and removes its bytes from the result, so listeners and handlers that are called later see an
// empty result. Other results are left to mqant.
func (p *pageReplier) Callback(call *mqrpc.CallInfo) error {
	page := call.Result.GetResult()
	subject, named := call.Props["reply_to"].(string)
	if !named || len(page) == 0 || call.Result.GetError() != "" || call.Result.GetResultType() != typeBytes {
		return p.replier.Callback(call)
	}
	reply := appendReply(takeBuffer(), call.Result.GetCid(), page)
	call.Result.Result = nil
	giveBuffer(page)
	err := p.publish(subject, reply) // Publish copies the bytes
	giveBuffer(reply)
	return err
}

const typeBytes = "bytes" // of mqant's rpc/util

// appendReply encodes mqant's ResultInfo (rpc/pb/mqant_rpc.proto) with a result of type bytes.
func appendReply(to []byte, cid string, bytes []byte) []byte {
	to = appendText(appendText(to, 1, cid), 4, typeBytes)
	return appendBytes(to, 5, bytes)
}
