package allinone

import (
	"errors"
	"testing"
)

// Two servers on one store would destroy it.
func TestLock(t *testing.T) {
	folder := t.TempDir()
	unlock, err := lock(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(folder); !errors.Is(err, ErrLocked) {
		t.Errorf("second lock: got %v, want ErrLocked", err)
	}
	unlock()
	again, err := lock(folder)
	if err != nil {
		t.Fatalf("lock after unlock: %v", err)
	}
	again()
}
