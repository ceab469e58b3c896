package gatectladdon

import (
	"fmt"
	"testing"
	"time"
)

func aFullGate(b *testing.B, sessions int) *aGate {
	g := newGate(b, nil)
	for at := 0; at < sessions; at++ {
		g.join(fmt.Sprintf("%016x", at), map[string]string{
			"room": "zion", "level": "41", "vip": "1", "name": "老王", "lang": "zh",
		})
	}
	until(b, "all sessions", func() bool { count, _ := g.table.counts(); return count == sessions })
	return g
}

// One operation is one listing of 50,000 sessions.
func BenchmarkList50000(b *testing.B) {
	g := aFullGate(b, 50_000)
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		if rows := len(pagesOf(b, g)); rows < 25 {
			b.Fatal(rows)
		}
	}
}

func pagesOf(b *testing.B, g *aGate) (pages []int) {
	for after := ""; ; {
		page, err := g.Addon.pages.list(after, 2000)
		if err != nil {
			b.Fatal(err)
		}
		pages = append(pages, len(page))
		after = textOf(page, 2)
		giveBuffer(page) // as after sending
		if after == "" {
			return pages
		}
	}
}

func BenchmarkFindIn50000(b *testing.B) {
	g := aFullGate(b, 50_000)
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		if _, err := g.Addon.pages.find("nobody"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStatsOf50000(b *testing.B) {
	g := aFullGate(b, 50_000)
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		g.stats()
	}
}

// Measure a Set on the gate without the bus: stock, and with the add-on with and without a watcher.
func BenchmarkSetStock(b *testing.B) {
	g := aFullGate(b, 1)
	for n := 0; n < b.N; n++ {
		g.run("Set", "0000000000000000", "n", "1")
	}
}

func BenchmarkSetUnwatched(b *testing.B) { benchmarkSet(b, false) }
func BenchmarkSetWatched(b *testing.B)   { benchmarkSet(b, true) }

func benchmarkSet(b *testing.B, watched bool) {
	g := aFullGate(b, 1)
	g.watcher.publish = func(string, []byte) error { return nil }
	if watched {
		_, _ = g.watcher.watch("_INBOX.a", time.Minute)
	}
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		g.call("Set", "0000000000000000", "n", "1")
	}
}
