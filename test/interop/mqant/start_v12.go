//go:build mqant12
// +build mqant12

package main

import (
	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/module"
	"github.com/liangdas/mqant/registry"
	"github.com/liangdas/mqant/server"
)

// start registers the gate again under the id of the test: a gate of mqant v1.2.0 takes no id, and reads its addresses from
// the configuration only. mqant registers it twice at first, the second time in a goroutine.
func (g *Gate) start(app module.App, settings *conf.ModuleSettings) {
	settings.Settings = map[string]interface{}{"TCPAddr": g.tcp, "WSAddr": g.ws, "HTTPTimeout": 10.0}
	g.Gate.OnInit(g, app, settings, gate.SetStorageHandler(g.store))
	<-registered
	<-registered
	own := g.GetServer()
	_ = own.Init(server.Id(g.id))
	_ = own.ServiceRegister()
}

func ownFlags() module.Option { return func(*module.Options) {} }

var registered = make(chan bool, 100)

// renaming registers nodes under one id, whatever they call themselves.
type renaming struct {
	registry.Registry
	id string
}

func withID(r registry.Registry, id string) registry.Registry { return renaming{r, id} }

func (r renaming) Register(service *registry.Service, options ...registry.RegisterOption) error {
	err := r.Registry.Register(r.renamed(service), options...)
	select {
	case registered <- true:
	default:
	}
	return err
}

func (r renaming) Deregister(service *registry.Service) error {
	return r.Registry.Deregister(r.renamed(service))
}

func (r renaming) renamed(service *registry.Service) *registry.Service {
	copied := *service
	copied.Nodes = nil
	for _, node := range service.Nodes {
		named := *node
		named.Id = service.Name + "@" + r.id
		copied.Nodes = append(copied.Nodes, &named)
	}
	return &copied
}
