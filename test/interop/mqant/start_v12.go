//go:build mqant12
// +build mqant12

package main

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/module"
	"github.com/liangdas/mqant/server"
)

// start registers the gate again under the id of the test: a gate of mqant v1.2.0 takes no id, and reads its addresses from
// the configuration only.
func (g *Gate) start(app module.App, settings *conf.ModuleSettings) {
	settings.Settings = map[string]interface{}{"TCPAddr": g.tcp, "WSAddr": g.ws, "HTTPTimeout": 10.0}
	g.Gate.OnInit(g, app, settings, gate.SetStorageHandler(g.store))
	own := g.GetServer()
	_ = own.ServiceDeregister()
	_ = own.Init(server.Id(g.id))
	_ = own.ServiceRegister()
}

func ownFlags() module.Option { return func(*module.Options) {} }
