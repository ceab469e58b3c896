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

// mayServe reports whether the reply of a call goes to an allowed inbox or nowhere. If a field is repeated, all values
// must be allowed, because parsers differ in which one they use.
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

// guard makes the connection drop calls to the gate that may not be served, before mqant sees them, because mqant
// answers invalid calls (an unknown function, wrong arguments) without calling any hook. It uses the message filters
// of nats.go v1.12 and later, which are unexported; it returns false if they don't exist.
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

// check runs before a function if the connection could not be guarded. Its error reply goes to a subject without
// subscribers.
func (r *replies) check(fn string, call *mqrpc.CallInfo) error {
	subject, _ := call.Props["reply_to"].(string)
	info, known := infoOf(call).(interface{ GetReply() bool })
	if known && !info.GetReply() || r.allows(subject, fn) {
		return nil
	}
	call.Props = map[string]interface{}{"reply_to": nats.NewInbox()}
	return errNoInbox
}
