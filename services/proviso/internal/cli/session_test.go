package cli

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A session keeps its store between calls, in a folder that one process uses at a time; a call without one keeps nothing.
func TestSessionsAreKeptOnTheDisk(t *testing.T) {
	state := t.TempDir()
	folder := filepath.Join(state, "proviso", "ask")
	env := map[string]string{"XDG_STATE_HOME": state, "LANG": "fr_FR.UTF-8"}

	if got := run(t, env, nil, "ask", "--json", "supprimer la VM 105"); got.code == exitFailed || got.code == exitUsage {
		t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if entries, err := os.ReadDir(state); err != nil || len(entries) != 0 {
		t.Errorf("a call without a session left %v, %v", entries, err)
	}
	if got := run(t, env, nil, "ask", "--json", "--session", "lab", "supprimer la VM 105"); got.code == exitFailed || got.code == exitUsage {
		t.Fatalf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if info, err := os.Stat(filepath.Join(folder, "nats")); err != nil || !info.IsDir() {
		t.Fatalf("the session's store is not there: %v", err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others can look into %v, %v", info.Mode(), err)
	}

	held, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatalf("the call before has ended and still holds the folder: %v", err)
	}
	got := run(t, env, nil, "ask", "--json", "--session", "other", "supprimer la VM 105")
	if got.code != exitFailed || !strings.Contains(got.stdout, `"session_locked"`) || !strings.Contains(got.stdout, "Un autre `proviso ask --session` est en cours") {
		t.Errorf("exit %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if got := run(t, env, nil, "ask", "--json", "supprimer la VM 105"); got.code == exitFailed {
		t.Errorf("a call without a session waits for nobody: exit %d: %s", got.code, got.stdout)
	}
}
