package gatectladdon

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/liangdas/mqant/gate"
)

type memory struct {
	kept  map[string][]byte
	fails error
	keeps bool // Delete does nothing
}

func (m *memory) Storage(session gate.Session) (err error) {
	m.kept[session.GetUserId()], err = session.Serializable()
	return err
}
func (m *memory) Delete(session gate.Session) error {
	if !m.keeps {
		delete(m.kept, session.GetUserId())
	}
	return nil
}
func (m *memory) Query(userID string) ([]byte, error) { return m.kept[userID], m.fails }
func (m *memory) Heartbeat(gate.Session)              {}

type listing struct{ memory }

func (l *listing) ListRecords(after string, limit int) (records []Record, more bool, err error) {
	for userID, value := range l.kept {
		if userID > after {
			records = append(records, Record{UserID: userID, Value: value})
		}
	}
	sort.Slice(records, func(a, b int) bool { return records[a].UserID < records[b].UserID })
	if len(records) > limit {
		return records[:limit], true, nil
	}
	return records, false, nil
}

type record struct {
	user, revision, fault string
	value                 []byte
}

func recordsOf(t *testing.T, page []byte) (records []record, next string) {
	err := eachField(page, func(field int, _ uint64, data []byte) error {
		if field == 2 {
			next = string(data)
		} else if field == 1 {
			records = append(records, record{textOf(data, 1), textOf(data, 3), textOf(data, 5), []byte(textOf(data, 2))})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, next
}

func withStorage(t *testing.T, handler gate.StorageHandler) *aGate {
	g := newGate(t, nil)
	_ = g.gate.SetStorageHandler(handler)
	return g
}

func TestReadsPutsAndDeletesRecordsByRevision(t *testing.T) {
	store := &memory{kept: map[string][]byte{}}
	g := withStorage(t, store)
	g.joined("s1", map[string]string{"room": "a"})
	g.call("Bind", "s1", "neo")
	page, err := g.records.get("neo")
	found, _ := recordsOf(t, page)
	if err != nil || len(found) != 1 || settingsOf(found[0].value)["room"] != "a" || found[0].revision == "" {
		t.Fatalf("%v %+v", err, found)
	}
	other := "another"
	if _, err := g.records.delete("neo", &other); err != errConflict {
		t.Fatal(err)
	}
	if _, err := g.records.put("neo", &other, found[0].value); err != errConflict {
		t.Fatal(err)
	}
	none := ""
	if _, err := g.records.put("neo", &none, found[0].value); err != errConflict {
		t.Fatal(err)
	}
	edited := appendBytes(append([]byte{}, found[0].value...), fieldSettings, appendText(appendText(nil, 1, "vip"), 2, "1"))
	revision, err := g.records.put("neo", &found[0].revision, edited)
	if err != nil || revision == found[0].revision {
		t.Fatal(revision, err)
	}
	if page, _ := g.records.get("neo"); !strings.Contains(string(page), revision) {
		t.Fatal("the answer's revision is not that of the record")
	}
	if deleted, err := g.records.delete("neo", &revision); !deleted || err != nil {
		t.Fatal(deleted, err)
	}
	if deleted, err := g.records.delete("neo", nil); deleted || err != nil {
		t.Fatal(deleted, err)
	}
	if _, err := g.records.put("trinity", &none, edited); err != nil || userIDOf(store.kept["trinity"]) != "trinity" {
		t.Fatal(err, "a record is kept under the user id that it was put for")
	}
}

func TestReportsMissingStorageAbilities(t *testing.T) {
	none := withStorage(t, nil)
	if _, err := none.records.get("neo"); err != errNoStorage {
		t.Fatal(err)
	}
	if ability := none.records.ability(); ability["get"] != false || ability["kind"] != "none" {
		t.Fatal(ability)
	}
	plain := withStorage(t, &memory{kept: map[string][]byte{}})
	if _, err := plain.records.list("", 10); err == nil || err.Error() != "The storage handler cannot list" {
		t.Fatal(err)
	}
	if ability := plain.records.ability(); ability["get"] != true || ability["list"] != false {
		t.Fatal(ability)
	}
	keeps := &memory{kept: map[string][]byte{"neo": []byte("\x1a\x03neo")}, keeps: true}
	if _, err := withStorage(t, keeps).records.delete("neo", nil); err == nil || !strings.Contains(err.Error(), "did not delete the record") {
		t.Fatal(err)
	}
	failing := &memory{fails: errors.New("no redis")}
	if _, err := withStorage(t, failing).records.get("neo"); err == nil || !strings.Contains(err.Error(), "no redis") {
		t.Fatal(err)
	}
	for _, nothing := range []string{"redis: nil", "redigo: nil returned"} {
		page, err := withStorage(t, &memory{fails: errors.New(nothing)}).records.get("neo")
		if err != nil || page != nil {
			t.Fatal(err)
		}
	}
}

func TestListsEachRecordOnce(t *testing.T) {
	store := &listing{memory{kept: map[string][]byte{}}}
	for at := 0; at < 30; at++ {
		store.kept[fmt.Sprintf("user %02d", at)] = make([]byte, 100_000)
	}
	store.kept["user 99"] = make([]byte, 600_000)
	g := withStorage(t, store)
	seen := map[string]record{}
	for after := ""; ; {
		page, err := g.records.list(after, 7)
		if err != nil || len(page) > 1<<19+1024 {
			t.Fatal(len(page), err)
		}
		some, next := recordsOf(t, page)
		for _, one := range some {
			if _, twice := seen[one.user]; twice {
				t.Fatalf("%s twice", one.user)
			}
			seen[one.user] = one
		}
		if next == "" {
			break
		}
		after = next
	}
	if len(seen) != 31 || !strings.Contains(seen["user 99"].fault, "larger than max_payload") || len(seen["user 98"].value) != 0 {
		t.Fatalf("%d records", len(seen))
	}
}

// listed is a handler whose list is set by the test.
type listed struct {
	memory
	records []Record
}

func (l *listed) ListRecords(string, int) ([]Record, bool, error) { return l.records, false, nil }

func TestA2ReportsUnreadRecords(t *testing.T) {
	store := &listed{memory: memory{kept: map[string][]byte{"late": []byte("\x1a\x04late")}}}
	store.records = []Record{
		{UserID: "denied", Err: errors.New("NOPERM no \xff permission")},
		{UserID: "silent", Err: errors.New("")},
		{UserID: "late"}, // listed without its value
		{UserID: "gone"},
		{UserID: "good", Value: []byte("\x1a\x04good")},
	}
	page, err := withStorage(t, store).records.list("", 10)
	found, _ := recordsOf(t, page)
	if err != nil || len(found) != 4 {
		t.Fatal(err, found)
	}
	for at, want := range []record{
		{user: "denied", fault: "NOPERM no ? permission"}, {user: "silent", fault: "no reason given"},
		{user: "late", value: []byte("\x1a\x04late")}, {user: "good", value: []byte("\x1a\x04good")},
	} {
		if got := found[at]; got.user != want.user || got.fault != want.fault || string(got.value) != string(want.value) {
			t.Fatalf("%+v", got)
		}
	}
	failing := &listed{memory: memory{fails: errors.New("no redis")}, records: []Record{{UserID: "late"}}}
	page, _ = withStorage(t, failing).records.list("", 10)
	if found, _ := recordsOf(t, page); len(found) != 1 || !strings.Contains(found[0].fault, "no redis") {
		t.Fatal(found)
	}
	large := &memory{kept: map[string][]byte{"neo": make([]byte, 600_000)}}
	if _, err := withStorage(t, large).records.get("neo"); err == nil || !strings.Contains(err.Error(), "max_payload") {
		t.Fatal(err)
	}
}

func TestA7ReportsOnlyKnownExpiries(t *testing.T) {
	at := time.Now().Add(time.Hour)
	value := []byte("\x1a\x01u")
	store := &listed{records: []Record{
		{UserID: "unknown", Value: value},
		{UserID: "never", Value: value, NeverExpires: true},
		{UserID: "soon", Value: value, ExpiresAt: at},
	}}
	store.kept = map[string][]byte{"unknown": value}
	g := withStorage(t, store)
	page, _ := g.records.list("", 10)
	if got, want := expiries(t, page), [][2]uint64{{0, 0}, {0, 1}, {uint64(millis(at)), 0}}; !reflect.DeepEqual(got, want) {
		t.Fatal(got)
	}
	page, _ = g.records.get("unknown") // Query returns the bytes only
	if got := expiries(t, page); !reflect.DeepEqual(got, [][2]uint64{{0, 0}}) {
		t.Fatal(got)
	}
}

// expiries returns expiresAt and expiresKnown of each record.
func expiries(t *testing.T, page []byte) (found [][2]uint64) {
	read := func(field int, _ uint64, data []byte) error {
		if field != 1 {
			return nil
		}
		var one [2]uint64
		found = append(found, one)
		return eachField(data, func(field int, number uint64, _ []byte) error {
			if field == 4 {
				found[len(found)-1][0] = number
			} else if field == 6 {
				found[len(found)-1][1] = number
			}
			return nil
		})
	}
	if err := eachField(page, read); err != nil {
		t.Fatal(err)
	}
	return found
}
