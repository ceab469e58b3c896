package gatectladdon

import "sync"

// A listing of 50,000 sessions has 500 pages. Their buffers are reused, because garbage collection would delay clients.

// bufferBytes is the size of a page and its reply, with some room. A buffer that has grown beyond twice this size is
// not reused.
const bufferBytes = maxPageBytes + 1024

var buffers sync.Pool

func takeBuffer() []byte {
	if buffer, ok := buffers.Get().(*[]byte); ok {
		return (*buffer)[:0]
	}
	return make([]byte, 0, bufferBytes)
}

// giveBuffer returns a buffer to the pool. The caller must not use it afterwards.
func giveBuffer(buffer []byte) {
	if cap(buffer) >= bufferBytes && cap(buffer) <= 2*bufferBytes {
		buffers.Put(&buffer)
	}
}

// scratch holds the reusable memory that is needed to build a page but is not part of it.
type scratch struct {
	entries      []*entry
	session, row []byte
}

var scratches = sync.Pool{New: func() interface{} { return &scratch{} }}

func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) giveBack() {
	for at := range s.entries {
		s.entries[at] = nil // don't keep closed sessions in memory
	}
	s.entries = s.entries[:0]
	if cap(s.session) <= 2*bufferBytes && cap(s.row) <= 2*bufferBytes {
		scratches.Put(s)
	}
}
