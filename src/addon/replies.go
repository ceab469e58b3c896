package gatectladdon

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// defaultReplyInboxes are the prefixes of nats.go, and therefore of every mqant node, and those of the roles that
// `gatectl doctor --permissions` prints.
var defaultReplyInboxes = []string{"_INBOX", "_INBOX_viewer", "_INBOX_tracer", "_INBOX_support", "_INBOX_admin"}

// A caller can cause thousands of refusals a second, so they are logged as a count at this interval.
const logRefusalsEvery = 10 * time.Second

var errNoInbox = errors.New("the reply subject is not an inbox")

// replies decides whether the gate may reply to a subject that a caller chose. A gate may have more NATS permissions
// than its callers, so a reply outside the inboxes would let callers write to streams, buckets and other nodes.
type replies struct {
	prefixes []string
	warn     func(line string)

	lock     sync.Mutex
	count    int64
	unlogged int64
	loggedAt time.Time
}

// newReplies ignores prefixes that would allow more than inboxes, and warns about them.
func newReplies(prefixes []string, warn func(line string)) *replies {
	r := &replies{warn: warn}
	for _, prefix := range prefixes {
		if isReplyInbox(prefix) {
			r.prefixes = append(r.prefixes, prefix)
		} else {
			warn(fmt.Sprintf("ignoring the reply inbox %s: expected a subject prefix such as _INBOX", quoted(prefix)))
		}
	}
	return r
}

func isReplyInbox(prefix string) bool {
	return isSubject(prefix) && prefix[0] != '$' && prefix != "mqant" && !strings.HasPrefix(prefix, "mqant.")
}

// isSubject reports whether a string is a valid subject to publish to: without empty tokens, wildcards, white space
// and control characters.
func isSubject(text string) bool { return len(text) <= 255 && address.MatchString(text) }

// allows checks a subject, and counts and logs refusals. `what` is the requested function, for the log.
func (r *replies) allows(subject, what string) bool {
	if isSubject(subject) {
		for _, prefix := range r.prefixes {
			if len(subject) > len(prefix) && subject[len(prefix)] == '.' && strings.HasPrefix(subject, prefix) {
				return true
			}
		}
	}
	r.refuse(subject, what)
	return false
}

func (r *replies) refuse(subject, what string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.count++
	r.unlogged++
	now := time.Now()
	if now.Sub(r.loggedAt) < logRefusalsEvery {
		return
	}
	line := fmt.Sprintf("refused to answer %s on %s: not under %s", quoted(what), quoted(subject), strings.Join(r.prefixes, ", "))
	if r.unlogged > 1 {
		line += fmt.Sprintf("; %d more since the last log line", r.unlogged-1)
	}
	r.unlogged, r.loggedAt = 0, now
	r.warn(line)
}

func (r *replies) refused() int64 {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.count
}

// quoted escapes text from a caller to visible ASCII.
func quoted(text string) string {
	if len(text) > 80 {
		text = text[:80] + "..."
	}
	return strconv.QuoteToASCII(text)
}
