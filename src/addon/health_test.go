package gatectladdon

import "testing"

func TestHealthNamesWhatGoKnowsAndNothingElse(t *testing.T) {
	is := health()
	if heap, ok := is["heapBytes"].(uint64); !ok || heap == 0 {
		t.Errorf("the heap has %v bytes", is["heapBytes"])
	}
	if count, ok := is["goroutines"].(int); !ok || count == 0 {
		t.Errorf("there are %v goroutines", is["goroutines"])
	}
	for _, unknown := range []string{"loopDelayMs", "waitingBytes", "heapLimitBytes"} {
		if value, ok := is[unknown]; ok {
			t.Errorf("%s is %v, and should be absent", unknown, value)
		}
	}
}
