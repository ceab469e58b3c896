//go:build !mqant12
// +build !mqant12

package main

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/module"
	"github.com/liangdas/mqant/registry"
	"github.com/liangdas/mqant/server"
)

func (g *Gate) start(app module.App, settings *conf.ModuleSettings) {
	g.Gate.OnInit(g, app, settings,
		gate.ServerOpts([]server.Option{server.Id(g.id)}),
		gate.TcpAddr(g.tcp),
		gate.WsAddr(g.ws),
		gate.SetStorageHandler(g.store),
	)
}

// ownFlags has mqant leave the command line to this program.
func ownFlags() module.Option { return module.Parse(false) }

func withID(r registry.Registry, _ string) registry.Registry { return r }
