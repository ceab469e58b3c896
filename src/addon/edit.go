package gatectladdon

import (
	"errors"
	"fmt"
	"sync"

	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/log"
)

// Texts that callers match. The three s in "No Sesssion found" are mqant's.
var (
	errNoSession = errors.New("No Sesssion found")
	errExpected  = errors.New("Settings conflict")
)

// edits changes several settings of a session in one call. Edits run one at a time, so one of two conflicting edits
// is refused. A module's Set is mqant's own and takes no lock, so it can run between the check and the change.
type edits struct {
	addon *Addon
	lock  sync.Mutex
}

type settingsEdit struct {
	set      map[string]string
	unset    []string
	expected map[string]interface{} // nil if the setting must not exist
}

// run applies the whole edit, or nothing if a setting differs from the expected value.
func (s *edits) run(query map[string]interface{}) (gate.Session, error) {
	wanted, err := editIn(query)
	if err != nil {
		return nil, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	e := s.addon.entryOf(text(query, "session"))
	if e == nil {
		return nil, errNoSession
	}
	if !wanted.isAsExpected(copiedSettings(e.session.Clone())) {
		return nil, errExpected
	}
	w := s.addon.watcher
	if w.isWatched() {
		w.begin(wanted, kindSettings, e, wanted.keys())
	}
	for key, value := range wanted.set {
		_ = e.session.SetLocalKV(key, value)
	}
	for _, key := range wanted.unset {
		_ = e.session.RemoveLocalKV(key)
	}
	bytes, _ := e.encoded(nil)
	if w.isWatched() {
		w.complete(wanted, bytes)
	}
	s.store(e, userIDOf(bytes))
	return e.session, nil
}

// store stores the session as mqant does after a Set: errors are only logged.
func (s *edits) store(e *entry, userID string) {
	handler := s.addon.host.storage()
	if handler == nil || userID == "" {
		return
	}
	if err := handler.Storage(e.session); err != nil {
		log.Warning("gate session storage failure : %s", err.Error())
	}
}

func editIn(query map[string]interface{}) (*settingsEdit, error) {
	wanted := &settingsEdit{set: map[string]string{}}
	set, _ := query["set"].(map[string]interface{})
	for key, value := range set {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("invalid edit: a value in \"set\" is not a string: %q", key)
		}
		wanted.set[key] = text
	}
	unset, _ := query["unset"].([]interface{})
	for _, key := range unset {
		text, ok := key.(string)
		if !ok {
			return nil, errors.New("invalid edit: \"unset\" is not a list of strings")
		}
		wanted.unset = append(wanted.unset, text)
	}
	wanted.expected, _ = query["expected"].(map[string]interface{})
	return wanted, nil
}

func (s *settingsEdit) keys() []string {
	keys := append([]string{}, s.unset...)
	for key := range s.set {
		keys = append(keys, key)
	}
	return keys
}

func (s *settingsEdit) isAsExpected(settings map[string]string) bool {
	for key, value := range s.expected {
		now, there := settings[key]
		if there != (value != nil) || there && value != now {
			return false
		}
	}
	return true
}
