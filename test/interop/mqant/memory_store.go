package main

import (
	"sync"

	"github.com/liangdas/mqant/gate"
)

// MemoryStore keeps records as long as the process lives.
type MemoryStore struct {
	records sync.Map
}

func (s *MemoryStore) Storage(session gate.Session) error {
	record, err := session.Serializable()
	if err == nil {
		s.records.Store(session.GetUserID(), record)
	}
	return err
}

func (s *MemoryStore) Delete(session gate.Session) error {
	s.records.Delete(session.GetUserID())
	return nil
}

func (s *MemoryStore) Query(userID string) ([]byte, error) {
	record, ok := s.records.Load(userID)
	if !ok {
		return nil, nil
	}
	return record.([]byte), nil
}

func (s *MemoryStore) Heartbeat(gate.Session) {}
