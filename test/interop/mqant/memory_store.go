package main

import (
	"sort"
	"sync"

	"github.com/liangdas/mqant/gate"

	gatectladdon "gatectl.dev/addon"
)

// MemoryStore keeps records as long as the process lives.
type MemoryStore struct {
	records sync.Map
}

func (s *MemoryStore) Storage(session gate.Session) error {
	record, err := session.Serializable()
	if err == nil {
		s.records.Store(session.GetUserId(), record)
	}
	return err
}

func (s *MemoryStore) Delete(session gate.Session) error {
	s.records.Delete(session.GetUserId())
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

// ListRecords is what gatectl's add-on asks for where records are to be listed.
func (s *MemoryStore) ListRecords(after string, limit int) (records []gatectladdon.Record, more bool, err error) {
	s.records.Range(func(userID, record interface{}) bool {
		if userID.(string) > after {
			records = append(records, gatectladdon.Record{UserID: userID.(string), Value: record.([]byte)})
		}
		return true
	})
	sort.Slice(records, func(a, b int) bool { return records[a].UserID < records[b].UserID })
	if len(records) > limit {
		return records[:limit], true, nil
	}
	return records, false, nil
}
