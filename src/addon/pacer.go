package gatectladdon

import "time"

// pacer splits work on many sessions into short stretches with pauses between them, so that clients wait for at most
// one stretch.
type pacer struct {
	stretch int           // sessions per stretch
	rests   time.Duration // pause, in multiples of the time that the stretch took
	longest time.Duration // cap, because a busy machine makes a stretch seem longer
	since   time.Time
}

// listingPacer uses at most a ninth of a CPU. A stretch takes about 0.1 ms, and 50,000 sessions about two seconds.
func listingPacer() pacer { return pacer{stretch: 32, rests: 8, longest: 3 * time.Millisecond} }

// findingPacer is for a single call with a deadline: it uses half a CPU, in stretches of about 1 ms.
func findingPacer() pacer { return pacer{stretch: 128, rests: 1, longest: 2 * time.Millisecond} }

// pause is called before each session; `done` is the number of sessions processed.
func (p *pacer) pause(done int) {
	if done == 0 {
		p.since = time.Now()
	} else if done%p.stretch == 0 {
		rest := time.Since(p.since) * p.rests
		if rest > p.longest {
			rest = p.longest
		}
		time.Sleep(rest)
		p.since = time.Now()
	}
}
