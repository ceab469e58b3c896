package main

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/module"
	"github.com/liangdas/mqant/server"
)

// Gate is mqant's gate with nothing added but a storage handler.
type Gate struct {
	basegate.Gate
	id, tcp, ws string
	store       gate.StorageHandler
}

func (g *Gate) GetType() string { return "Gate" }

func (g *Gate) Version() string { return "1.0.0" }

func (g *Gate) OnInit(app module.App, settings *conf.ModuleSettings) {
	g.Gate.OnInit(g, app, settings,
		gate.ServerOpts([]server.Option{server.ID(g.id)}),
		gate.TCPAddr(g.tcp),
		gate.WsAddr(g.ws),
		gate.SetStorageHandler(g.store),
	)
}
