package main

import (
	"reflect"

	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/module"
	basemodule "github.com/liangdas/mqant/module/base"
	mqrpc "github.com/liangdas/mqant/rpc"
	"github.com/liangdas/mqant/server"
)

// HTTPGateway is the HTTP gateway of mqant's documents, which serves any function name. Since v1.4.5, mqant dereferences the
// FuncType that it does not set, so a call of any function ends the whole process.
type HTTPGateway struct {
	basemodule.BaseModule
	id string
}

func (m *HTTPGateway) GetType() string { return "httpgate" }

func (m *HTTPGateway) Version() string { return "1.0.0" }

func (m *HTTPGateway) OnInit(app module.App, settings *conf.ModuleSettings) {
	m.BaseModule.OnInit(m, app, settings, server.Id(m.id))
	m.SetListener(m)
}

func (m *HTTPGateway) NoFoundFunction(string) (*mqrpc.FunctionInfo, error) {
	serve := func(string) (string, error) { return "", nil }
	return &mqrpc.FunctionInfo{Function: reflect.ValueOf(serve), Goroutine: true}, nil
}

func (m *HTTPGateway) Run(closeSig chan bool) { <-closeSig }
