package gatectladdon

import (
	"bytes"
	"io/ioutil"
	"os"
	"runtime"
	"strconv"
)

// health describes the process of the gate. Members for the event loop and for waiting bytes are missing: Go has no
// event loop, and mqant does not know what waits in its connections.
func health() map[string]interface{} {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory) // runtime/metrics needs Go 1.16
	is := map[string]interface{}{"goroutines": runtime.NumGoroutine(), "heapBytes": memory.HeapAlloc}
	if resident, known := residentBytes(); known {
		is["residentBytes"] = resident
	}
	return is
}

// residentBytes reads the second number of Linux's /proc/self/statm, which is a number of pages.
func residentBytes() (int64, bool) {
	statm, err := ioutil.ReadFile("/proc/self/statm") // os.ReadFile needs Go 1.16
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}
