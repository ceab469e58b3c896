package gatectladdon

import "sync"

// A listing of 50,000 sessions is 500 pages. What they are made of is used again, or the gate would collect garbage for it, and
// clients wait for that.

// bufferBytes is a page, the reply that it stands in, and some room; what has grown beyond twice that is left to the collector.
const bufferBytes = maxPageBytes + 1024

var buffers sync.Pool

func takeBuffer() []byte {
	if buffer, ok := buffers.Get().(*[]byte); ok {
		return (*buffer)[:0]
	}
	return make([]byte, 0, bufferBytes)
}

// giveBuffer is for who is sure that nobody else has it.
func giveBuffer(buffer []byte) {
	if cap(buffer) >= bufferBytes && cap(buffer) <= 2*bufferBytes {
		buffers.Put(&buffer)
	}
}

// scratch is what a page is made with and does not go with it.
type scratch struct {
	entries      []*entry
	session, row []byte
}

var scratches = sync.Pool{New: func() interface{} { return &scratch{} }}

func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) giveBack() {
	for at := range s.entries {
		s.entries[at] = nil // nobody is kept who has gone
	}
	s.entries = s.entries[:0]
	if cap(s.session) <= 2*bufferBytes && cap(s.row) <= 2*bufferBytes {
		scratches.Put(s)
	}
}
