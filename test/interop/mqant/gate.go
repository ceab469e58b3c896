package main

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/module"

	gatectladdon "gatectl.dev/addon"
)

// Gate is mqant's gate with nothing added but a storage handler, and gatectl's add-on where it is asked for.
type Gate struct {
	basegate.Gate
	id, tcp, ws string
	store       gate.StorageHandler
	addon       bool
	stay, churn int // of the crowd
}

func (g *Gate) GetType() string { return "Gate" }

func (g *Gate) Version() string { return "1.0.0" }

func (g *Gate) OnInit(app module.App, settings *conf.ModuleSettings) {
	g.start(app, settings)
	if g.addon {
		gatectladdon.Attach(&g.Gate)
	}
	if g.stay > 0 || g.churn > 0 {
		go g.crowd(g.stay, g.churn)
	}
}
