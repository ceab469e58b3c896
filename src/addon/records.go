package gatectladdon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/liangdas/mqant/gate"
)

// Record is a user's record in the storage handler.
type Record struct {
	UserID string
	// Value is the stored session in mqant's protobuf encoding.
	Value []byte
	// ExpiresAt is zero if the expiry is unknown, or if the record never expires (then NeverExpires is true).
	ExpiresAt    time.Time
	NeverExpires bool
	// Err is why the record could not be read. It is reported instead of the record.
	Err error
}

// RecordLister can be implemented by a gate.StorageHandler to make its records listable.
type RecordLister interface {
	// ListRecords returns at most `limit` records after the user id `after`, in a stable order, and whether there are
	// more. The first call has an empty `after`. A record with neither Value nor Err is looked up with Query.
	ListRecords(after string, limit int) (records []Record, more bool, err error)
}

// Texts that callers match.
var (
	errNoStorage = errors.New("No storage handler")
	errConflict  = errors.New("Record revision conflict")
	errNoExpiry  = errors.New("The storage handler cannot expire: it has no time to live to set")
)

// records gives operators access to the gate's storage handler.
type records struct {
	handler    func() gate.StorageHandler
	newSession func(data []byte) (gate.Session, error)
	limitBytes int
	lock       sync.Mutex // one write at a time, because the handler has no compare-and-set
}

func (r *records) ability() map[string]interface{} {
	handler := r.handler()
	_, lists := handler.(RecordLister)
	kind := "none"
	if handler != nil {
		kind = fmt.Sprintf("%T", handler)
	}
	has := handler != nil
	return map[string]interface{}{
		"kind": kind, "get": has, "put": has, "delete": has, "list": lists, "expire": false, "dirty": 0,
	}
}

func (r *records) get(userID string) ([]byte, error) {
	value, err := r.query(userID)
	if err != nil || value == nil {
		return nil, err
	}
	record := Record{UserID: userID, Value: value} // Query does not return the expiry
	if err := r.tooLarge(record); err != nil {
		return nil, err
	}
	return appendBytes(nil, 1, r.encode(record)), nil
}

// put stores a session under a user id, whatever user id the session contains.
func (r *records) put(userID string, revision *string, session []byte) (string, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if userID == "" {
		return "", errors.New("a record needs a user id")
	}
	if revision != nil {
		if err := r.mustBe(userID, *revision); err != nil {
			return "", err
		}
	}
	stored, err := r.newSession(session)
	if err != nil {
		return "", fmt.Errorf("the record is not a session: %v", err)
	}
	handler := r.handler()
	if handler == nil {
		return "", errNoStorage
	}
	stored.SetUserId(userID)
	if err := handler.Storage(stored); err != nil {
		return "", fmt.Errorf("the storage handler: %v", err)
	}
	value, err := r.query(userID)
	if err != nil {
		return "", err
	}
	if value == nil {
		return "", fmt.Errorf("the storage handler accepted the record of %q but did not store it", userID)
	}
	return revisionOf(value), nil
}

// delete returns true if a record existed and was deleted.
func (r *records) delete(userID string, revision *string) (bool, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	value, err := r.query(userID)
	if err != nil {
		return false, err
	}
	if revision != nil && *revision != "" && (value == nil || *revision != revisionOf(value)) {
		return false, errConflict
	}
	if value == nil {
		return false, nil
	}
	session, err := r.newSession(value)
	if err != nil { // the record may be invalid: a handler deletes by user id
		session, err = r.newSession(appendText(nil, fieldUserID, userID))
	}
	if err != nil {
		return false, err
	}
	session.SetUserId(userID)
	if err := r.handler().Delete(session); err != nil {
		return false, fmt.Errorf("the storage handler: %v", err)
	}
	if value, err = r.query(userID); err != nil {
		return false, err
	}
	if value != nil {
		return false, fmt.Errorf("the storage handler's Delete did not delete the record of %q", userID)
	}
	return true, nil
}

func (r *records) list(after string, limit int) ([]byte, error) {
	handler := r.handler()
	if handler == nil {
		return nil, errNoStorage
	}
	lister, ok := handler.(RecordLister)
	if !ok {
		return nil, errors.New("The storage handler cannot list")
	}
	if limit < 1 || limit > 500 {
		limit = 500
	}
	found, more, err := lister.ListRecords(after, limit)
	if err != nil {
		return nil, fmt.Errorf("the storage handler: %v", err)
	}
	var page []byte
	for at, record := range found {
		record, gone := r.completed(record)
		if gone {
			continue
		}
		one := r.encode(record)
		if at > 0 && len(page)+len(one)+len(record.UserID) > r.limitBytes {
			return appendText(page, 2, found[at-1].UserID), nil
		}
		page = appendBytes(page, 1, one)
	}
	if more && len(found) > 0 {
		page = appendText(page, 2, found[len(found)-1].UserID)
	}
	return page, nil
}

func (r *records) mustBe(userID, revision string) error {
	value, err := r.query(userID)
	if err != nil {
		return err
	}
	if value == nil && revision != "" || value != nil && revision != revisionOf(value) {
		return errConflict
	}
	return nil
}

func (r *records) query(userID string) ([]byte, error) {
	handler := r.handler()
	if handler == nil {
		return nil, errNoStorage
	}
	value, err := handler.Query(userID)
	if err != nil && !isNothing(err) {
		return nil, fmt.Errorf("the storage handler: %v", err)
	}
	if err != nil || len(value) == 0 {
		return nil, nil
	}
	return value, nil
}

// isNothing recognises the errors of Redis clients for a missing key, which some handlers return.
func isNothing(err error) bool {
	return err.Error() == "redis: nil" || err.Error() == "redigo: nil returned"
}

// completed looks up a record that has no value. It may have been deleted since, or fail to load.
func (r *records) completed(record Record) (completed Record, gone bool) {
	if record.Err != nil || len(record.Value) > 0 {
		return record, false
	}
	record.Value, record.Err = r.query(record.UserID)
	return record, record.Err == nil && record.Value == nil
}

// tooLarge returns the error for a record that no page can hold.
func (r *records) tooLarge(record Record) error {
	if len(record.Value)+2*len(record.UserID)+128 <= r.limitBytes {
		return nil
	}
	return fmt.Errorf("the record has %d bytes, larger than max_payload allows", len(record.Value))
}

// encode encodes a record, or the reason why it could not be read.
func (r *records) encode(record Record) []byte {
	one := appendText(nil, 1, record.UserID)
	if record.Err != nil {
		return appendText(appendText(one, 5, textOfError(record.Err)), 7, "refused")
	}
	if err := r.tooLarge(record); err != nil {
		return appendText(appendText(one, 5, err.Error()), 7, "too-large")
	}
	one = appendBytes(one, 2, record.Value)
	one = appendText(one, 3, revisionOf(record.Value))
	if !record.ExpiresAt.IsZero() {
		return appendNumber(one, 4, millis(record.ExpiresAt))
	}
	if record.NeverExpires {
		return appendNumber(one, 6, 1)
	}
	return one
}

// textOfError returns bounded, valid UTF-8. Never empty, which would mean that the record was read.
func textOfError(err error) string {
	text := strings.ToValidUTF8(err.Error(), "?")
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "") + "..."
	}
	if text == "" {
		return "no reason given"
	}
	return text
}

// revisionOf derives a revision from the content, because mqant's storage handlers have none.
func revisionOf(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:8])
}
