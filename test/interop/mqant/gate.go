package main

import (
	"sync"

	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
	"github.com/liangdas/mqant/module"
	"github.com/liangdas/mqant/server"
)

// Gate is mqant's gate with nothing added but a storage handler in memory.
type Gate struct {
	basegate.Gate
	id, tcp, ws string
	records     sync.Map
}

func (g *Gate) GetType() string { return "Gate" }

func (g *Gate) Version() string { return "1.0.0" }

func (g *Gate) OnInit(app module.App, settings *conf.ModuleSettings) {
	g.Gate.OnInit(g, app, settings,
		gate.ServerOpts([]server.Option{server.ID(g.id)}),
		gate.TCPAddr(g.tcp),
		gate.WsAddr(g.ws),
		gate.SetStorageHandler(g),
	)
}

func (g *Gate) Storage(session gate.Session) error {
	record, err := session.Serializable()
	if err == nil {
		g.records.Store(session.GetUserID(), record)
	}
	return err
}

func (g *Gate) Delete(session gate.Session) error {
	g.records.Delete(session.GetUserID())
	return nil
}

func (g *Gate) Query(userID string) ([]byte, error) {
	record, ok := g.records.Load(userID)
	if !ok {
		return nil, nil
	}
	return record.([]byte), nil
}

func (g *Gate) Heartbeat(gate.Session) {}
