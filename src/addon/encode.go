package gatectladdon

import (
	"reflect"
	"sync"
	"unicode/utf8"

	"github.com/liangdas/mqant/gate"
)

// encoded appends the session in mqant's encoding. mqant can't encode text that is not UTF-8: such a session is encoded
// here with that text replaced, and `fault` has the reason.
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

// rangesWithLock is true for mqant versions in which this is verified: SettingsRange holds the session's lock, so its
// other fields, whose getters take no lock, can be read meanwhile. In other versions mqant encodes each session.
var rangesWithLock = map[string]bool{"v1.4.14": true, "v1.5.3": true}[mqantVersion()]

const sessionOfMqant = "*basegate.sessionagent"

// sessionWriter reuses the memory for encoding; otherwise each session would cost four allocations.
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

// appendSession writes the same bytes as Serializable without its forty allocations per session, which made the garbage
// collector run seven times as often during a listing. It returns false for a session without settings, which is cheap
// in mqant, and for text that is not UTF-8.
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

// appendSetting writes the other fields with the first setting, because the session is locked then.
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

// appendFields writes all fields except the settings. It returns false where mqant would fail.
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

// encodeByHand works on a copy, because the session may be modified concurrently.
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

// copiedSettings reads the settings of a copy. mqant versions differ in the method.
func copiedSettings(copied gate.Session) map[string]string {
	switch session := copied.(type) {
	case interface{ GetSettings() map[string]string }: // up to v1.4.6
		return session.GetSettings()
	case interface{ CloneSettings() map[string]string }: // from v1.4.7
		return session.CloneSettings()
	}
	return nil
}
