package main

import (
	"errors"
	"fmt"

	"github.com/liangdas/mqant/conf"
	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/module"
	basemodule "github.com/liangdas/mqant/module/base"
	"github.com/liangdas/mqant/server"
)

// HelloWorld is the module of mqant's documents, grown by a function for each thing that a session can do.
type HelloWorld struct {
	basemodule.BaseModule
	id string
}

func (m *HelloWorld) GetType() string { return "HelloWorld" }

func (m *HelloWorld) Version() string { return "1.0.0" }

func (m *HelloWorld) OnInit(app module.App, settings *conf.ModuleSettings) {
	m.BaseModule.OnInit(m, app, settings, server.Id(m.id))
	rpc := m.GetServer()
	rpc.RegisterGO("HD_say", m.say)
	rpc.RegisterGO("HD_login", m.login)
	rpc.RegisterGO("HD_room", m.room)
	rpc.RegisterGO("HD_level", m.level)
	rpc.RegisterGO("HD_leave", m.leave)
	rpc.RegisterGO("HD_logout", m.logout)
	rpc.RegisterGO("HD_whoami", m.whoami)
	rpc.RegisterGO("HD_batch", m.batch)
	rpc.RegisterGO("HD_bytes", m.bytes)
	rpc.RegisterGO("HD_kick", m.kick)
	rpc.RegisterGO("HD_fail", m.fail)
	rpc.RegisterGO("HD_pick", m.pick)
}

func (m *HelloWorld) Run(closeSig chan bool) { <-closeSig }

func (m *HelloWorld) OnDestroy() { m.BaseModule.OnDestroy() }

type body = map[string]interface{}

func text(msg body, key string) string {
	value, _ := msg[key].(string)
	return value
}

// mqant's methods of a session answer with a text that is empty when all went well.
func failure(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

// settingsOf reads the settings in either way that mqant has had, so that the program builds with each of its versions.
func settingsOf(session gate.Session) map[string]string {
	switch session := session.(type) {
	case interface{ CloneSettings() map[string]string }: // from v1.4.7
		return session.CloneSettings()
	case interface{ GetSettings() map[string]string }:
		return session.GetSettings()
	}
	return nil
}

func (m *HelloWorld) say(session gate.Session, msg body) (string, error) {
	err := session.Send("/gate/send/test", []byte(fmt.Sprintf("send hi to %v", msg["name"])))
	return fmt.Sprintf("hi %v, you are on %v", msg["name"], session.GetServerId()), failure(err)
}

func (m *HelloWorld) login(session gate.Session, msg body) (string, error) {
	if err := session.Bind(text(msg, "uid")); err != "" {
		return "", errors.New(err)
	}
	level, ok := settingsOf(session)["level"]
	if !ok {
		level = "1"
	}
	err := session.SetPush("level", level)
	return "welcome " + session.GetUserId(), failure(err)
}

func (m *HelloWorld) room(session gate.Session, msg body) (body, error) {
	err := session.SetPush("roomName", text(msg, "room"))
	return body{"room": session.Get("roomName")}, failure(err)
}

func (m *HelloWorld) level(session gate.Session, msg body) (body, error) {
	err := session.Set("level", text(msg, "level"))
	return body{"level": session.Get("level")}, failure(err)
}

func (m *HelloWorld) leave(session gate.Session, msg body) (string, error) {
	return "left", failure(session.Remove("roomName"))
}

func (m *HelloWorld) logout(session gate.Session, msg body) (string, error) {
	return "bye", failure(session.UnBind())
}

func (m *HelloWorld) whoami(session gate.Session, msg body) (body, error) {
	if err := session.Update(); err != "" {
		return nil, errors.New(err)
	}
	return body{
		"sessionId": session.GetSessionId(),
		"serverId":  session.GetServerId(),
		"userId":    session.GetUserId(),
		"network":   session.GetNetwork(),
		"ip":        session.GetIP(),
		"guest":     session.IsGuest(),
		"settings":  settingsOf(session),
	}, nil
}

// batch sends to the sessions named in msg["sessions"], separated by commas, and answers how many were reached.
func (m *HelloWorld) batch(session gate.Session, msg body) (body, error) {
	count, err := session.SendBatch(text(msg, "sessions"), "/gate/batch", []byte("to many"))
	return body{"count": count}, failure(err)
}

// bytes answers with the length of a body that was no JSON object.
func (m *HelloWorld) bytes(session gate.Session, msg []byte) (string, error) {
	return fmt.Sprintf("%d bytes", len(msg)), nil
}

func (m *HelloWorld) kick(session gate.Session, msg body) (string, error) {
	return "closing", failure(session.Close())
}

func (m *HelloWorld) fail(session gate.Session, msg body) (string, error) {
	return "", errors.New("no such room")
}
