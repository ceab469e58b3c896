package gatectladdon

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/nats-io/nats.go"

	mqrpc "github.com/liangdas/mqant/rpc"
)

// Fields of mqant's call (rpc/pb/mqant_rpc.proto, the same from v1.2.0 to v1.5.3).
const (
	fieldFn      = 2
	fieldReplyTo = 3
	fieldReply   = 6
)

// mayServe says whether the answer of a call goes to an inbox, or nowhere. Of a field that is there twice both count, so that
// no way of reading the call finds another subject than those that were looked at.
func (r *replies) mayServe(call []byte) bool {
	var fn string
	var subjects []string
	wantsReply := false
	err := eachField(call, func(field int, value uint64, data []byte) error {
		switch field {
		case fieldFn:
			fn = string(data)
		case fieldReplyTo:
			subjects = append(subjects, string(data))
		case fieldReply:
			wantsReply = wantsReply || value != 0
		}
		return nil
	})
	if err != nil {
		r.refuse("", "a call that is not protobuf")
		return false
	}
	if !wantsReply {
		return true
	}
	if len(subjects) == 0 {
		return r.allows("", fn)
	}
	for _, subject := range subjects {
		if !r.allows(subject, fn) {
			return false
		}
	}
	return true
}

// guard has the connection drop calls to the gate that may not be served, before mqant sees them: mqant answers a call that it
// cannot run, be it for an unknown function or wrong arguments, without asking anybody. nats.go has such filters since v1.12,
// and keeps them to itself; false where this one has none.
func (r *replies) guard(conn *nats.Conn, address string) bool {
	inside := reflect.ValueOf(conn).Elem()
	filters, lock := inside.FieldByName("filters"), inside.FieldByName("subsMu")
	if !filters.IsValid() || filters.Kind() != reflect.Map || !lock.IsValid() || lock.Type() != reflect.TypeOf(sync.RWMutex{}) {
		return false
	}
	filter := reflect.ValueOf(func(message *nats.Msg) *nats.Msg {
		if r.mayServe(message.Data) {
			return message
		}
		return nil
	})
	if filters.Type().Key().Kind() != reflect.String || !filter.Type().ConvertibleTo(filters.Type().Elem()) {
		return false
	}
	mutex := (*sync.RWMutex)(unsafe.Pointer(lock.UnsafeAddr()))
	mutex.Lock()
	defer mutex.Unlock()
	writable := reflect.NewAt(filters.Type(), unsafe.Pointer(filters.UnsafeAddr())).Elem()
	if writable.IsNil() {
		writable.Set(reflect.MakeMap(filters.Type()))
	}
	writable.SetMapIndex(reflect.ValueOf(address), filter.Convert(filters.Type().Elem()))
	return true
}

// check is asked before a function runs, where the connection could not be guarded. The error goes where nobody listens.
func (r *replies) check(fn string, call *mqrpc.CallInfo) error {
	subject, _ := call.Props["reply_to"].(string)
	info, known := infoOf(call).(interface{ GetReply() bool })
	if known && !info.GetReply() || r.allows(subject, fn) {
		return nil
	}
	call.Props = map[string]interface{}{"reply_to": nats.NewInbox()}
	return errNoInbox
}
