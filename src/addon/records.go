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

// Record is what a storage handler keeps for a user.
type Record struct {
	UserID string
	// Value is the session as it was stored, in mqant's protobuf form.
	Value []byte
	// ExpiresAt is zero for a record that never expires (then NeverExpires is true), and where nobody knows.
	ExpiresAt    time.Time
	NeverExpires bool
	// Err says why the record could not be read. It is reported in place of the record.
	Err error
}

// RecordLister is what a gate.StorageHandler may have besides: then its records can be listed.
type RecordLister interface {
	// ListRecords gives at most `limit` records that come after the user id `after` in an order of its own that does not
	// change, and whether there are more. The first call is with an empty `after`. A record without a value and without
	// an Err is looked up with Query.
	ListRecords(after string, limit int) (records []Record, more bool, err error)
}

// Texts that callers know.
var (
	errNoStorage = errors.New("No storage handler")
	errConflict  = errors.New("Record revision conflict")
	errNoExpiry  = errors.New("The storage handler cannot expire: it has no time to live to set")
)

// records is what an operator may do with the gate's storage handler.
type records struct {
	handler    func() gate.StorageHandler
	newSession func(data []byte) (gate.Session, error)
	limitBytes int
	lock       sync.Mutex // one write at a time: the handler cannot compare and set
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
	record := Record{UserID: userID, Value: value} // Query does not tell the expiry
	if err := r.tooLarge(record); err != nil {
		return nil, err
	}
	return appendBytes(nil, 1, r.encode(record)), nil
}

// put stores a session under a user id, whatever the session itself says.
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
		return "", fmt.Errorf("the record is no session: %v", err)
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
		return "", fmt.Errorf("the storage handler took the record of %q and does not have it", userID)
	}
	return revisionOf(value), nil
}

// delete is true when there was a record and now there is none.
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
	if err != nil { // whatever is stored: a handler deletes by the user id
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
		return false, fmt.Errorf("the storage handler's Delete left the record of %q where it is", userID)
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

// isNothing is for handlers that hand on what a Redis client says of a key that is not there.
func isNothing(err error) bool {
	return err.Error() == "redis: nil" || err.Error() == "redigo: nil returned"
}

// completed looks a record without a value up: it may have gone since, or its read may fail.
func (r *records) completed(record Record) (completed Record, gone bool) {
	if record.Err != nil || len(record.Value) > 0 {
		return record, false
	}
	record.Value, record.Err = r.query(record.UserID)
	return record, record.Err == nil && record.Value == nil
}

// tooLarge is an error for a record that no page can hold.
func (r *records) tooLarge(record Record) error {
	if len(record.Value)+2*len(record.UserID)+128 <= r.limitBytes {
		return nil
	}
	return fmt.Errorf("the record has %d bytes, larger than max_payload allows", len(record.Value))
}

// encode writes a record, or why it could not be read.
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

// textOfError is valid UTF-8, bounded, and never empty: an empty text would make the record one that was read.
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

// revisionOf tells one content from another: a storage handler of mqant has no revisions.
func revisionOf(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:8])
}
