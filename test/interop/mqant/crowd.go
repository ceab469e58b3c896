package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/liangdas/mqant/gate"
	basegate "github.com/liangdas/mqant/gate/base"
)

// figure is a connection of nobody: to the gate's handler it is an agent like any other, with a session of mqant's.
type figure struct {
	gate.Agent
	session gate.Session
	since   time.Time
	sent    int64
}

func (f *figure) GetSession() gate.Session      { return f.session }
func (f *figure) ConnTime() time.Time           { return f.since }
func (f *figure) RevNum() int64                 { return 1 }
func (f *figure) SendNum() int64                { return atomic.LoadInt64(&f.sent) }
func (f *figure) IsClosed() bool                { return false }
func (f *figure) ProtocolOK() bool              { return true }
func (f *figure) GetError() error               { return errors.New("EOF") }
func (f *figure) Close()                        {}
func (f *figure) WriteMsg(string, []byte) error { atomic.AddInt64(&f.sent, 1); return nil }

// crowd fills a gate with sessions for measurements: `stay` of them stay, and `churn` a second come, of which each goes
// after five seconds. Their settings are of the size that a game's have.
func (g *Gate) crowd(stay, churn int) {
	for at := 0; at < stay; at++ {
		g.GetAgentLearner().Connect(g.figure(fmt.Sprintf("57a7%012x", at)))
	}
	if churn == 0 {
		return
	}
	going := make(chan *figure, churn*5)
	ticker := time.NewTicker(time.Second / time.Duration(churn))
	for at := 0; ; at++ {
		<-ticker.C
		if len(going) == cap(going) {
			g.GetAgentLearner().DisConnect(<-going)
		}
		one := g.figure(fmt.Sprintf("c0de%012x", at))
		g.GetAgentLearner().Connect(one)
		going <- one
	}
}

func (g *Gate) figure(id string) *figure {
	session, err := basegate.NewSessionByMap(g.GetApp(), map[string]interface{}{
		"Sessionid": id, "Serverid": g.GetServerId(), "Network": "tcp", "IP": "203.0.113.7:50000", "Userid": "user " + id,
		"Settings": map[string]string{"room": "mqant-01", "level": "41", "vip": "1", "name": "老王", "lang": "zh"},
	})
	if err != nil {
		panic(err)
	}
	session.CreateTrace()
	return &figure{session: session, since: time.Now()}
}
