package gatectladdon

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/liangdas/mqant/gate"
	mqrpc "github.com/liangdas/mqant/rpc"
	rpcpb "github.com/liangdas/mqant/rpc/pb"
)

// listener observes every call to the gate, before and after mqant runs it, and forwards it to the project's listener.
type listener struct {
	next   mqrpc.RPCListener
	checks func(fn string, call *mqrpc.CallInfo) error
	lists  func(call *mqrpc.CallInfo)
	writes func(call *mqrpc.CallInfo, fn string)
	ended  func(call *mqrpc.CallInfo, fn string, session []byte)
}

func (l *listener) NoFoundFunction(fn string) (*mqrpc.FunctionInfo, error) {
	return l.next.NoFoundFunction(fn)
}

func (l *listener) OnTimeOut(fn string, expired int64) { l.next.OnTimeOut(fn, expired) }

func (l *listener) BeforeHandle(fn string, call *mqrpc.CallInfo) error {
	if err := l.checks(fn, call); err != nil {
		return err
	}
	if err := l.next.BeforeHandle(fn, call); err != nil {
		return err
	}
	if isWrite(fn) {
		l.writes(call, fn)
	} else if fn == "GatectlList" {
		l.lists(call)
	}
	return nil
}

func (l *listener) OnError(fn string, call *mqrpc.CallInfo, err error) {
	if isWrite(fn) {
		l.ended(call, fn, nil)
	}
	l.next.OnError(fn, call, err)
}

func (l *listener) OnComplete(fn string, call *mqrpc.CallInfo, result *rpcpb.ResultInfo, took int64) {
	if isWrite(fn) {
		l.ended(call, fn, sessionIn(result))
	}
	l.next.OnComplete(fn, call, result, took)
}

func isWrite(fn string) bool {
	switch fn {
	case "Bind", "UnBind", "Set", "Push", "Remove", "Close":
		return true
	}
	return false
}

// sessionIn returns the session in a write's result, or nil if the write failed.
func sessionIn(result *rpcpb.ResultInfo) []byte {
	if result == nil || result.Error != "" {
		return nil
	}
	if result.ResultType == "SESSION" || strings.HasPrefix(result.ResultType, "marshal@") {
		return result.Result
	}
	return nil
}

// infoOf returns the call as it was sent. The field was renamed and became a pointer between v1.3.5 and v1.4.0, so it
// is found by reflection.
func infoOf(call *mqrpc.CallInfo) interface{} {
	fields := reflect.ValueOf(call).Elem()
	info := fields.FieldByName("RPCInfo")
	if !info.IsValid() {
		info = fields.FieldByName("RpcInfo")
	}
	if !info.IsValid() {
		return nil
	}
	if info.Kind() != reflect.Ptr {
		info = info.Addr()
	}
	return info.Interface()
}

func argumentsOf(call *mqrpc.CallInfo) [][]byte {
	if has, ok := infoOf(call).(interface{ GetArgs() [][]byte }); ok {
		return has.GetArgs()
	}
	return nil
}

// writes fixes the order of a write's event before it runs.
func (a *Addon) writes(call *mqrpc.CallInfo, fn string) {
	if fn != "Close" && !a.watcher.isWatched() {
		return
	}
	args := argumentsOf(call)
	if len(args) < 2 {
		return
	}
	e := a.entryOf(string(args[1]))
	if e == nil {
		return
	}
	argument := func(at int) []byte {
		if at < len(args) {
			return args[at]
		}
		return nil
	}
	switch fn {
	case "Close":
		atomic.StoreInt32(&e.kicked, 1)
	case "Bind":
		if len(argument(2)) > 0 {
			a.watcher.begin(call, kindBound, e, nil)
		} else {
			a.watcher.begin(call, kindUnbound, e, nil)
		}
	case "UnBind":
		a.watcher.begin(call, kindUnbound, e, nil)
	case "Set", "Remove":
		a.watcher.begin(call, kindSettings, e, []string{string(argument(2))})
	case "Push":
		var settings map[string]string
		_ = json.Unmarshal(argument(2), &settings)
		keys := make([]string, 0, len(settings))
		for key := range settings {
			keys = append(keys, key)
		}
		a.watcher.begin(call, kindSettings, e, keys)
	}
}

// ended handles a completed write. The caller already has its reply.
func (a *Addon) ended(call *mqrpc.CallInfo, fn string, session []byte) {
	if session != nil && (fn == "Bind" || fn == "UnBind") {
		if e := a.table.get(sessionIDOf(session)); e != nil {
			a.table.setBound(e, userIDOf(session) != "")
		}
	}
	if a.watcher.isWatched() {
		a.watcher.complete(call, session)
	}
}

// learner wraps the project's SessionLearner.
type learner struct {
	addon *Addon
	next  gate.SessionLearner
}

func (l learner) Connect(session gate.Session) {
	if session != nil {
		l.addon.drain.refuseLate(l.addon.entryOf(session.GetSessionId()))
	}
	if l.next != nil {
		l.next.Connect(session)
	}
}

// DisConnect runs before the gate removes the session, so the project's learner can still find it.
func (l learner) DisConnect(session gate.Session) {
	if session != nil {
		l.addon.closed(session.GetSessionId())
	}
	if l.next != nil {
		l.next.DisConnect(session)
	}
}

// entryOf returns the entry of a connected session, and creates it if necessary: mqant reports new sessions in a
// separate goroutine, so a call can arrive first.
func (a *Addon) entryOf(id string) *entry {
	if e := a.table.get(id); e != nil {
		return e
	}
	agent, err := a.host.agent(id)
	if err != nil || agent == nil || agent.GetSession() == nil {
		return nil
	}
	return a.watcher.arrive(agent.GetSession(), agent)
}

func (a *Addon) closed(id string) {
	if e := a.table.remove(id); e != nil {
		a.watcher.leave(e, whyClosed(e))
	}
}

// whyClosed returns the agent's reason, which exists since v1.4.0.
func whyClosed(e *entry) (why string) {
	if atomic.LoadInt32(&e.kicked) != 0 {
		return "kicked"
	}
	defer func() {
		if recover() != nil {
			why = ""
		}
	}()
	if agent, ok := e.agent.(interface{ GetError() error }); ok {
		if err := agent.GetError(); err != nil {
			return err.Error()
		}
	}
	return ""
}
