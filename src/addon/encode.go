package gatectladdon

import (
	"reflect"
	"sync"
	"unicode/utf8"

	"github.com/liangdas/mqant/gate"
)

// encoded is the session as mqant serializes it, appended to what is given. One that mqant cannot serialize, which is one that
// holds text that is not UTF-8, is written by hand with that text replaced, and `fault` says why.
func (e *entry) encoded(to []byte) (bytes []byte, fault string) {
	if bytes, ok := appendSession(to, e.session); ok {
		return bytes, ""
	}
	bytes, err := e.session.Serializable()
	if err == nil {
		return append(to, bytes...), ""
	}
	return append(to, encodeByHand(e.session)...), "mqant cannot serialize this session, so it drops what its client asks: " + err.Error()
}

// rangesWithLock says that this is a version of mqant whose SettingsRange holds the lock of the session, under which everything
// else of it can be read, as no getter takes it: the versions that were looked at. Of others each session is serialized by mqant.
var rangesWithLock = map[string]bool{"v1.4.14": true, "v1.5.3": true}[mqantVersion()]

const sessionOfMqant = "*basegate.sessionagent"

// sessionWriter keeps what a session is encoded with for the next one: each would leave four pieces of garbage otherwise.
type sessionWriter struct {
	session   gate.Session
	to        []byte
	begun, ok bool
	setting   func(key, value string) bool
}

var sessionWriters = sync.Pool{New: func() interface{} {
	w := &sessionWriter{}
	w.setting = w.appendSetting
	return w
}}

// appendSession writes what Serializable does, without the forty pieces of garbage that it makes of a session: these, of
// a listing, had the gate collect garbage seven times as often as without one, and clients waited for that. It gives up on a
// session that has no settings, which costs mqant little, and on text that is not UTF-8.
func appendSession(to []byte, session gate.Session) (bytes []byte, ok bool) {
	settings, can := session.(interface {
		SettingsRange(func(key, value string) bool)
	})
	if !can || !rangesWithLock || reflect.TypeOf(session).String() != sessionOfMqant {
		return nil, false
	}
	w := sessionWriters.Get().(*sessionWriter)
	w.session, w.to, w.begun, w.ok = session, to, false, false
	settings.SettingsRange(w.setting)
	bytes, ok = w.to, w.ok
	w.session, w.to = nil, nil
	sessionWriters.Put(w)
	return bytes, ok
}

// appendSetting writes all else with the first one, since the session is locked then.
func (w *sessionWriter) appendSetting(key, value string) bool {
	if !w.begun {
		w.begun = true
		w.to, w.ok = appendFields(w.to, w.session)
	}
	w.ok = w.ok && utf8.ValidString(key) && utf8.ValidString(value)
	if w.ok {
		w.to = appendSetting(w.to, key, value)
	}
	return w.ok
}

// appendFields writes all but the settings; false where mqant could not.
func appendFields(to []byte, session gate.Session) ([]byte, bool) {
	fields := [...]struct {
		number int
		text   string
	}{
		{fieldIP, session.GetIP()}, {fieldNetwork, session.GetNetwork()}, {fieldUserID, session.GetUserId()},
		{fieldSessionID, session.GetSessionId()}, {fieldServerID, session.GetServerId()}, {fieldTraceID, session.TraceId()},
		{fieldSpanID, session.SpanId()}, {fieldTopic, session.GetTopic()},
	}
	for _, field := range fields {
		if !utf8.ValidString(field.text) {
			return nil, false
		}
		to = appendText(to, field.number, field.text)
	}
	return to, true
}

// encodeByHand works on a copy: reading the session itself while it is written to would not be safe.
func encodeByHand(session gate.Session) []byte {
	copied := session.Clone()
	var bytes []byte
	bytes = appendText(bytes, fieldIP, copied.GetIP())
	bytes = appendText(bytes, fieldNetwork, copied.GetNetwork())
	bytes = appendText(bytes, fieldUserID, copied.GetUserId())
	bytes = appendText(bytes, fieldSessionID, copied.GetSessionId())
	bytes = appendText(bytes, fieldServerID, copied.GetServerId())
	for key, value := range copiedSettings(copied) {
		bytes = appendSetting(bytes, key, value)
	}
	return bytes
}

// copiedSettings reads the settings of a copy: mqant has had two ways to do it.
func copiedSettings(copied gate.Session) map[string]string {
	switch session := copied.(type) {
	case interface{ GetSettings() map[string]string }: // up to v1.4.6
		return session.GetSettings()
	case interface{ CloneSettings() map[string]string }: // from v1.4.7
		return session.CloneSettings()
	}
	return nil
}
