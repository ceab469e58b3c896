package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/liangdas/mqant/gate"
)

// FileStore keeps a file a user id: the session as mqant serializes it, under the names that gatectl's file store uses.
type FileStore struct {
	folder string
}

func (s FileStore) file(userID string) string {
	var name strings.Builder
	for _, b := range []byte(userID) {
		if b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-' {
			name.WriteByte(b)
		} else {
			fmt.Fprintf(&name, "%%%02x", b)
		}
	}
	return filepath.Join(s.folder, name.String()+".session")
}

func (s FileStore) Storage(session gate.Session) error {
	record, err := session.Serializable()
	if err != nil {
		return err
	}
	draft := s.file(session.GetUserId()) + "." + session.GetSessionId() + ".draft"
	if err := os.WriteFile(draft, record, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, s.file(session.GetUserId()))
}

func (s FileStore) Delete(session gate.Session) error {
	return os.Remove(s.file(session.GetUserId()))
}

func (s FileStore) Query(userID string) ([]byte, error) {
	record, err := os.ReadFile(s.file(userID))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return record, err
}

func (s FileStore) Heartbeat(gate.Session) {}
