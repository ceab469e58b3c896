package gatectladdon

import "time"

// effort is work on many sessions in short stretches with rests between them, so that what a client waits for never waits for
// more than one stretch, and mostly for none.
type effort struct {
	stretch int           // sessions
	rests   time.Duration // how many times as long as the stretch took
	longest time.Duration // a busy machine makes a stretch look longer than it was
	since   time.Time
}

// listingEffort has time: a ninth of a processor at most, a stretch is some 0.1 ms, and 50,000 sessions take about two seconds.
func listingEffort() effort { return effort{stretch: 32, rests: 8, longest: 3 * time.Millisecond} }

// findingEffort is one call, which has to be answered before its caller gives up: half a processor, in stretches of about 1 ms.
func findingEffort() effort { return effort{stretch: 128, rests: 1, longest: 2 * time.Millisecond} }

// pause is called before each session, with how many came before it.
func (w *effort) pause(done int) {
	if done == 0 {
		w.since = time.Now()
	} else if done%w.stretch == 0 {
		rest := time.Since(w.since) * w.rests
		if rest > w.longest {
			rest = w.longest
		}
		time.Sleep(rest)
		w.since = time.Now()
	}
}
