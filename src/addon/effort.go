package gatectladdon

import "time"

// restEvery sessions, the work on a page rests for as long as it has worked: about a millisecond. So a listing takes half a
// processor at most, and what a client waits for never waits for more than one stretch of it.
const restEvery = 128

const longestRest = 2 * time.Millisecond

type effort struct{ since time.Time }

// pause is called before each session, with how many came before it.
func (w *effort) pause(done int) {
	if done == 0 {
		w.since = time.Now()
	} else if done%restEvery == 0 {
		rest := time.Since(w.since)
		if rest > longestRest { // the machine is busy: what the clock says is not what was worked
			rest = longestRest
		}
		time.Sleep(rest)
		w.since = time.Now()
	}
}
